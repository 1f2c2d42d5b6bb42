import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// A recurrent layer of MLX, told by the names of its arrays and their numbers of rows.
enum MLXCell {
  /// `Wx` `[4·units, inputSize]`, `Wh` `[4·units, units]`, `bias`.
  case lstm
  /// `Wx` `[3·units, inputSize]`, `Wh` `[3·units, units]`, `b`, and `bhn` `[units]`, which the reset gate
  /// multiplies.
  case gru
  /// `Wxh` `[units, inputSize]`, `Whh` `[units, units]`, `bias`.
  case simple

  /// The layer of a group; nil for any other group.
  init?(_ group: NameTree.Group) {
    let names = group.names
    if names.isSuperset(of: ["Wxh", "Whh"]), names.isSubset(of: ["Wxh", "Whh", "bias"]) {
      self = .simple
      return
    }
    guard names.isSuperset(of: ["Wx", "Wh"]) else { return nil }
    if names.contains("b") || names.contains("bhn") {
      self = .gru
    } else if names.contains("bias") {
      self = .lstm
    } else {
      // Without biases the numbers of rows and columns tell.
      guard let own = group["Wh"], own.rank == 2, own.shape[1] > 0 else { return nil }
      switch (own.shape[0] / own.shape[1], own.shape[0] % own.shape[1]) {
      case (4, 0): self = .lstm
      case (3, 0): self = .gru
      default: return nil
      }
    }
  }

  private var title: String {
    switch self {
    case .lstm: "MLX' LSTM"
    case .gru: "MLX' GRU"
    case .simple: "MLX' RNN"
    }
  }

  /// The module at `group`; nil with findings when its tensors do not fit.
  func module(
    _ group: NameTree.Group, _ findings: inout [Diagnostic]
  ) throws(CheckpointError) -> DialectModule? {
    var parts = CellParts(title, key: group.key)
    defer { findings += parts.findings }
    let cell: RecurrentCell?
    switch self {
    case .lstm: cell = try Self.lstm(group, &parts)
    case .gru: cell = try Self.gru(group, &parts)
    case .simple: cell = Self.simple(group, &parts)
    }
    guard let cell, parts.findings.isEmpty else { return nil }
    var module = DialectModule(group.key, .recurrent(cell))
    if case .simple = self { module.isFunctionOpen = true }
    return module
  }

  private static func matrices<Gate>(
    _ layout: RecurrentLayout<Gate>, _ group: NameTree.Group, _ parts: inout CellParts
  ) throws(CheckpointError) -> (kernel: GateMap<Gate, Tensor>, own: GateMap<Gate, Tensor>)? {
    guard let kernel = group["Wx"], let own = group["Wh"], kernel.rank == 2, own.rank == 2,
      kernel.shape[0] == own.shape[0], own.shape[0] == layout.gateOrder.count * own.shape[1]
    else {
      let count = layout.gateOrder.count
      parts.report(
        .tensorShapeMismatch, "needs 'Wx' and 'Wh' of \(count) gates", at: group["Wh"]?.location,
        expected: "[\(count)·units, input size] and [\(count)·units, units]",
        found: ["Wx", "Wh"].compactMap { group[$0].map { shapeText($0.shape) } }
          .joined(separator: " and "))
      return nil
    }
    let (kernels, recurrent) = (try layout.unpack(kernel), try layout.unpack(own))
    for gate in Gate.allCases {
      _ = parts.recurrentKernel(recurrent[gate], "Wh")
      _ = parts.kernel(kernels[gate], "Wx")
    }
    return parts.findings.isEmpty ? (kernels, recurrent) : nil
  }

  private static func bias<Gate>(
    _ name: String, _ layout: RecurrentLayout<Gate>, _ group: NameTree.Group,
    _ parts: inout CellParts
  ) throws(CheckpointError) -> GateMap<Gate, Tensor>? {
    let rows = layout.gateOrder.count * parts.sizes.units
    guard let tensor = group[name], tensor.shape == [rows] else {
      parts.report(
        .tensorShapeMismatch, "needs a bias '\(name)' of all gates", at: group[name]?.location,
        expected: shapeText([rows]), found: group[name].map { shapeText($0.shape) } ?? "none")
      return nil
    }
    let biases = try layout.unpack(tensor)
    for gate in Gate.allCases { _ = parts.bias(biases[gate], name) }
    return parts.findings.isEmpty ? biases : nil
  }

  private static func lstm(
    _ group: NameTree.Group, _ parts: inout CellParts
  ) throws(CheckpointError) -> RecurrentCell? {
    guard let (kernel, own) = try matrices(MLXLayouts.lstm, group, &parts) else { return nil }
    var bias = RecurrentWeights<LSTMGate>.Bias.none
    if group["bias"] != nil {
      guard let one = try self.bias("bias", MLXLayouts.lstm, group, &parts) else { return nil }
      bias = .single(one)
    }
    checkNames(["Wx", "Wh", "bias"], group, &parts)
    let (inputSize, units) = parts.sizes
    return .lstm(
      LSTM(
        inputSize: inputSize, units: units,
        weights: RecurrentWeights(kernel: kernel, recurrentKernel: own, bias: bias),
        activation: .tanh, recurrentActivation: .sigmoid))
  }

  private static func gru(
    _ group: NameTree.Group, _ parts: inout CellParts
  ) throws(CheckpointError) -> RecurrentCell? {
    guard let (kernel, own) = try matrices(MLXLayouts.gru, group, &parts) else { return nil }
    var bias = RecurrentWeights<GRUGate>.Bias.none
    if group["b"] != nil || group["bhn"] != nil {
      guard let one = try self.bias("b", MLXLayouts.gru, group, &parts),
        let inner = parts.bias(group["bhn"], "bhn")
      else { return nil }
      bias = .split(input: one, recurrent: try .only(.candidate, inner))
    }
    checkNames(["Wx", "Wh", "b", "bhn"], group, &parts)
    let (inputSize, units) = parts.sizes
    return .gru(
      GRU(
        inputSize: inputSize, units: units,
        weights: RecurrentWeights(kernel: kernel, recurrentKernel: own, bias: bias),
        activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .afterProduct))
  }

  private static func simple(
    _ group: NameTree.Group, _ parts: inout CellParts
  ) -> RecurrentCell? {
    guard let own = parts.recurrentKernel(group["Whh"], "Whh"),
      let kernel = parts.kernel(group["Wxh"], "Wxh")
    else { return nil }
    func one(_ tensor: Tensor) -> GateMap<SimpleRNNGate, Tensor> { GateMap { _ in tensor } }
    var bias = RecurrentWeights<SimpleRNNGate>.Bias.none
    if group["bias"] != nil {
      guard let vector = parts.bias(group["bias"], "bias") else { return nil }
      bias = .single(one(vector))
    }
    let (inputSize, units) = parts.sizes
    return .simpleRNN(
      SimpleRNN(
        inputSize: inputSize, units: units,
        weights: RecurrentWeights(kernel: one(kernel), recurrentKernel: one(own), bias: bias),
        activation: .tanh))
  }

  private static func checkNames(
    _ known: Set<String>, _ group: NameTree.Group, _ parts: inout CellParts
  ) {
    for name in group.names.subtracting(known).sorted() {
      parts.report(
        .tensorUnused, "has no tensor '\(name)'", at: group[name]?.location,
        expected: known.sorted().joined(separator: ", "), found: "'\(name)'")
    }
  }
}
