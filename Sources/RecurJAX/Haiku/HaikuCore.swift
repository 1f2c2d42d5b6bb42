import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// A recurrent core of Haiku.
enum HaikuCore {
  /// One linear layer of x and h side by side: `linear/w` `[inputSize + units, 4·units]`, `linear/b`.
  case lstm
  /// `w_i` `[inputSize, 3·units]`, `w_h` `[units, 3·units]`, `b`.
  case gru
  /// Two linear layers, of x and of h.
  case vanilla

  /// The core of a group; nil for any other group.
  init?(_ group: NameTree.Group, _ tree: NameTree) {
    if group.parts.isEmpty, group["w_i"] != nil, group["w_h"] != nil,
      group.names.isSubset(of: ["w_i", "w_h", "b"])
    {
      self = .gru
      return
    }
    let parts = Set(group.parts)
    let isLinear = parts.allSatisfy { part in
      let own = tree.part(part, of: group.key)
      return own?["w"]?.rank == 2 && own?.names.isSubset(of: ["w", "b"]) == true
    }
    guard group.tensors.isEmpty, isLinear else { return nil }
    if parts == ["linear"], group.lastPart.lowercased().contains("lstm") {
      self = .lstm
    } else if parts == ["linear", "linear_1"], group.lastPart.lowercased().contains("rnn") {
      self = .vanilla
    } else {
      return nil
    }
  }

  private var title: String {
    switch self {
    case .lstm: "Haiku's LSTM"
    case .gru: "Haiku's GRU"
    case .vanilla: "Haiku's VanillaRNN"
    }
  }

  /// The module at `group`; nil with findings when its tensors do not fit.
  func module(
    _ group: NameTree.Group, _ tree: NameTree, _ findings: inout [Diagnostic]
  ) throws(CheckpointError) -> DialectModule? {
    var parts = CellParts(title, key: group.key)
    defer { findings += parts.findings }
    let read: (cell: RecurrentCell, remarks: [String])?
    switch self {
    case .lstm:
      read = try Self.lstm(tree.part("linear", of: group.key), &parts)
    case .gru: read = try Self.gru(group, &parts)
    case .vanilla:
      read = Self.vanilla(
        tree.part("linear", of: group.key), tree.part("linear_1", of: group.key), &parts)
    }
    guard let read, parts.findings.isEmpty else { return nil }
    var module = DialectModule(group.key, .recurrent(read.cell))
    module.remarks = read.remarks
    return module
  }

  private static func lstm(
    _ linear: NameTree.Group?, _ parts: inout CellParts
  ) throws(CheckpointError) -> (RecurrentCell, [String])? {
    guard let weight = linear?["w"], let bias = linear?["b"], weight.rank == 2, bias.rank == 1,
      bias.count % 4 == 0, weight.shape[0] > bias.count / 4
    else {
      parts.report(
        .tensorShapeMismatch, "needs 'linear/w' and 'linear/b' of four gates",
        at: linear?["w"]?.location, expected: "[input size + units, 4·units] and [4·units]",
        found: (linear?.tensors ?? []).map { shapeText($0.tensor.shape) }.joined(separator: " and ")
      )
      return nil
    }
    let layout = JAXLayouts.haikuLSTM
    let units = bias.count / 4
    parts.tell(units: units)
    let inputSize = weight.shape[0] - units
    let kernel = try layout.unpack(weight.slice(axis: 0, 0..<inputSize))
    let recurrentKernel = try layout.unpack(weight.slice(axis: 0, inputSize..<weight.shape[0]))
    var biases = try layout.unpack(bias)
    for gate in LSTMGate.allCases {
      _ = parts.recurrentKernel(recurrentKernel[gate], "linear/w")
      _ = parts.kernel(kernel[gate], "linear/w")
    }
    guard parts.findings.isEmpty else { return nil }
    let forget = biases[.forget]
    biases[.forget] = try forget.replacingNumbers(forget.doubles().map { $0 + 1 })
      .located(at: forget.location)
    let cell = LSTM(
      inputSize: inputSize, units: units,
      weights: RecurrentWeights(
        kernel: kernel, recurrentKernel: recurrentKernel, bias: .single(biases)),
      activation: .tanh, recurrentActivation: .sigmoid)
    return (.lstm(cell), ["1 is added to the bias of the forget gate, rounded once"])
  }

  private static func gru(
    _ group: NameTree.Group, _ parts: inout CellParts
  ) throws(CheckpointError) -> (RecurrentCell, [String])? {
    guard let input = group["w_i"], let state = group["w_h"], input.rank == 2, state.rank == 2,
      state.shape[1] == 3 * state.shape[0], input.shape[1] == state.shape[1]
    else {
      parts.report(
        .tensorShapeMismatch, "needs 'w_i' and 'w_h' of three gates", at: group["w_h"]?.location,
        expected: "[input size, 3·units] and [units, 3·units]",
        found: group.tensors.map { shapeText($0.tensor.shape) }.joined(separator: " and "))
      return nil
    }
    let layout = JAXLayouts.haikuGRU
    var kernel = try layout.unpack(input)
    var recurrentKernel = try layout.unpack(state)
    parts.tell(units: state.shape[0])
    kernel[.update] = try kernel[.update].negated()
    recurrentKernel[.update] = try recurrentKernel[.update].negated()
    var bias = RecurrentWeights<GRUGate>.Bias.none
    if let vector = group["b"] {
      guard vector.shape == [state.shape[1]] else {
        parts.report(
          .tensorShapeMismatch, "has a bias of another size", at: vector.location,
          expected: shapeText([state.shape[1]]), found: shapeText(vector.shape))
        return nil
      }
      var own = try layout.unpack(vector)
      own[.update] = try own[.update].negated()
      bias = .single(own)
    }
    for gate in GRUGate.allCases {
      _ = parts.recurrentKernel(recurrentKernel[gate], "w_h")
      _ = parts.kernel(kernel[gate], "w_i")
    }
    let cell = GRU(
      inputSize: input.shape[0], units: state.shape[0],
      weights: RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias),
      activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .beforeProduct)
    return (
      .gru(cell),
      [
        "the reset gate is applied before the product",
        "h' = (1 − z)·h + z·a: the weights of the gate z are negated, which is exact",
      ]
    )
  }

  private static func vanilla(
    _ input: NameTree.Group?, _ state: NameTree.Group?, _ parts: inout CellParts
  ) -> (RecurrentCell, [String])? {
    guard let own = parts.recurrentKernel(state?["w"]?.transposed(), "linear_1/w"),
      let kernel = parts.kernel(input?["w"]?.transposed(), "linear/w")
    else { return nil }
    func one(_ tensor: Tensor) -> GateMap<SimpleRNNGate, Tensor> { GateMap { _ in tensor } }
    var bias = RecurrentWeights<SimpleRNNGate>.Bias.none
    if let vector = input?["b"] ?? state?["b"] {
      guard let first = parts.bias(vector, "linear/b") else { return nil }
      bias = .single(one(first))
      if input?["b"] != nil, let second = state?["b"] {
        guard let second = parts.bias(second, "linear_1/b") else { return nil }
        bias = .split(input: one(first), recurrent: one(second))
      }
    }
    let (inputSize, units) = parts.sizes
    let cell = SimpleRNN(
      inputSize: inputSize, units: units,
      weights: RecurrentWeights(kernel: one(kernel), recurrentKernel: one(own), bias: bias),
      activation: .relu)
    return (.simpleRNN(cell), ["the function is relu, as the class has it"])
  }
}

extension Tensor {
  /// The same numbers with the other sign, bit for bit.
  fileprivate func negated() throws(CheckpointError) -> Tensor {
    try replacingNumbers(doubles().map { -$0 }).located(at: location)
  }
}
