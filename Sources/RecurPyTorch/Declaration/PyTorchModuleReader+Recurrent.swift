import RecurContainers
import RecurModel
import RecurTensors

/// A recurrent module of torch.nn with its weights.
struct PyTorchRecurrentModule {
  /// What is handed to the next module.
  enum Selected: String, CaseIterable {
    /// Every timestep.
    case output
    /// The last timestep, `y[:, -1]`.
    case last
    /// The first timestep, `y[:, 0]`.
    case first
    /// The final hidden state of the last layer, both directions side by side.
    case hidden = "h_n"
    /// The final cell state of the last layer, both directions side by side.
    case cell = "c_n"
    /// The mean of all timesteps that count.
    case mean
  }

  var kind: PyTorchRecurrentKind
  var isCell: Bool
  var inputSize: Int
  /// The cells of every layer, one per direction.
  var layers: [[RecurrentCell]]
  var isBatchFirst: Bool
  /// What is selected, or nil when nothing is said.
  var selected: Selected?
  var elementType: ElementType

  var isBidirectional: Bool { layers[0].count > 1 }
}

// torch/nn/modules/rnn.py (2.13).
extension PyTorchModuleReader {
  mutating func recurrent(
    _ kind: PyTorchRecurrentKind, _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> PyTorchRecurrentModule? {
    let isCell = options.layer.isCell
    let selected = self.selected(kind, isCell)
    let nonlinearity = kind == .rnn ? options.word("nonlinearity", ["tanh", "relu"]) : "tanh"
    if !isCell { options.ignore("dropout") }
    let isBatchFirst = isCell ? true : options.bool("batch_first") ?? false
    let first = isCell ? "" : "_l0"
    guard let kernel = model.required(key("weight_ih\(first)")),
      let recurrent = model.required(key("weight_hh\(first)"))
    else { return nil }
    guard kernel.rank == 2, recurrent.rank == 2, recurrent.shape[1] > 0,
      kernel.shape[1] > 0
    else {
      model.report(
        .tensorShapeMismatch, "the kernels of '\(name)' are no matrices", at: kernel.location,
        found: "\(tuple(kernel.shape)) and \(tuple(recurrent.shape))")
      return nil
    }
    let projection = model.has(key("weight_hr\(first)"))
    let units =
      projection ? recurrent.shape[0] / kind.gateCount : recurrent.shape[1]
    guard recurrent.shape[0] == kind.gateCount * units, !projection || kind == .lstm else {
      wrongKind(kind, recurrent, &model)
      return nil
    }
    check("hidden_size", units, recurrent)
    check("input_size", kernel.shape[1], kernel)
    let hasBias = model.has(key("bias_ih\(first)")) || model.has(key("bias_hh\(first)"))
    check("bias", hasBias, kernel, default: true)
    var (depth, isBidirectional) = (1, false)
    if !isCell {
      // Later layers without earlier ones are tensors that no module uses.
      while model.has(key("weight_ih_l\(depth)")) { depth += 1 }
      isBidirectional = model.has(key("weight_ih_l0_reverse"))
      check("num_layers", depth, kernel, default: 1)
      check("bidirectional", isBidirectional, kernel, default: false)
      if kind == .lstm {
        check("proj_size", projection ? recurrent.shape[1] : 0, recurrent, default: 0)
      }
    }
    let sizes = RecurrentSizes(
      units: units, inputSize: kernel.shape[1], outputSize: recurrent.shape[1],
      declaredBy: "the first layer")
    var layers: [[RecurrentCell]] = []
    var tensors: [Tensor] = []
    for layer in 0..<depth {
      var cells: [RecurrentCell] = []
      for direction in isBidirectional ? ["", "_reverse"] : [""] {
        var own = sizes
        if layer > 0 { own.inputSize = recurrent.shape[1] * (isBidirectional ? 2 : 1) }
        let parameters = PyTorchCellParameters(
          suffix: isCell ? "" : "_l\(layer)\(direction)", sizes: own, hasBias: hasBias,
          isProjected: projection)
        if let cell = try cell(kind, parameters, nonlinearity, &model) { cells.append(cell) }
      }
      layers.append(cells)
      tensors += cells.flatMap { $0.tensors.map(\.tensor) }
    }
    guard layers.allSatisfy({ $0.count == (isBidirectional ? 2 : 1) }),
      let type = checkTypes(tensors, &model)
    else { return nil }
    return PyTorchRecurrentModule(
      kind: kind, isCell: isCell, inputSize: kernel.shape[1], layers: layers,
      isBatchFirst: isBatchFirst, selected: selected, elementType: type)
  }

  private mutating func selected(
    _ kind: PyTorchRecurrentKind, _ isCell: Bool
  ) -> PyTorchRecurrentModule.Selected? {
    guard let value = options.value("select") else { return nil }
    let allowed = PyTorchRecurrentModule.Selected.allCases.filter {
      (!isCell || [.hidden, .cell].contains($0)) && ($0 != .cell || kind == .lstm)
    }
    guard let selected = value.string.flatMap({ word in allowed.first { $0.rawValue == word } })
    else {
      options.refuse(
        "select", "one of " + allowed.map { "\"\($0.rawValue)\"" }.joined(separator: ", ") + " is")
      return nil
    }
    return selected
  }

  private func wrongKind(
    _ kind: PyTorchRecurrentKind, _ recurrent: Tensor, _ model: inout PyTorchModelReader
  ) {
    let gates =
      recurrent.shape[0] % recurrent.shape[1] == 0 ? recurrent.shape[0] / recurrent.shape[1] : 0
    let other = PyTorchRecurrentKind.allCases.first { $0.gateCount == gates }
    model.report(
      .pytorchOptionDisagrees,
      "'\(key("weight_hh"))…' is \(tuple(recurrent.shape)), which is no recurrent kernel of \(kind.rawValue)",
      at: recurrent.location,
      expected: "(\(kind.gateCount)·hidden_size, hidden_size)", found: tuple(recurrent.shape),
      hint: other.map { "\(gates) gates of \(recurrent.shape[1]) units make a nn.\($0.rawValue)" })
  }

  private mutating func cell(
    _ kind: PyTorchRecurrentKind, _ parameters: PyTorchCellParameters, _ nonlinearity: String,
    _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> RecurrentCell? {
    let (units, inputSize) = (parameters.sizes.units ?? 0, parameters.sizes.inputSize ?? 0)
    switch kind {
    case .lstm:
      guard let weights = try weights(PyTorchLayouts.lstm, parameters, &model) else { return nil }
      var projection: Tensor?
      if parameters.isProjected {
        guard let tensor = model.required(key("weight_hr\(parameters.suffix)")) else { return nil }
        projection = tensor
      }
      return .lstm(
        LSTM(
          inputSize: inputSize, units: units, weights: weights, activation: .tanh,
          recurrentActivation: .sigmoid, projection: projection))
    case .gru:
      guard let weights = try weights(PyTorchLayouts.gru, parameters, &model) else { return nil }
      return .gru(
        GRU(
          inputSize: inputSize, units: units, weights: weights, activation: .tanh,
          recurrentActivation: .sigmoid, resetPlacement: .afterProduct))
    case .rnn:
      guard let weights = try weights(PyTorchLayouts.simpleRNN, parameters, &model) else {
        return nil
      }
      return .simpleRNN(
        SimpleRNN(
          inputSize: inputSize, units: units, weights: weights,
          activation: nonlinearity == "relu" ? .relu : .tanh))
    }
  }

  private mutating func weights<Gate>(
    _ layout: RecurrentLayout<Gate>, _ parameters: PyTorchCellParameters,
    _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> RecurrentWeights<Gate>? {
    func gates(
      _ parameter: String, _ role: RecurrentTensorRole
    ) throws(CheckpointError) -> GateMap<Gate, Tensor>? {
      let key = key(parameter + parameters.suffix)
      guard let tensor = model.required(key) else { return nil }
      if let finding = layout.finding(tensor, role, layer: name, sizes: parameters.sizes) {
        model.findings.append(finding)
        return nil
      }
      return try layout.unpack(tensor)
    }
    let kernel = try gates("weight_ih", .kernel)
    let recurrentKernel = try gates("weight_hh", .recurrentKernel)
    var bias = RecurrentWeights<Gate>.Bias.none
    if parameters.hasBias {
      guard checkBiases(parameters.suffix, &model) else { return nil }
      let (input, recurrent) = (try gates("bias_ih", .bias), try gates("bias_hh", .bias))
      guard let input, let recurrent else { return nil }
      bias = .split(input: input, recurrent: recurrent)
    }
    guard let kernel, let recurrentKernel else { return nil }
    return RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias)
  }

  /// Whether both biases or none are there: else somebody merged them, or wrote the file by hand.
  private func checkBiases(_ suffix: String, _ model: inout PyTorchModelReader) -> Bool {
    let keys = ["bias_ih", "bias_hh"].map { key($0 + suffix) }
    let there = keys.filter { model.has($0) }
    guard there.count == 1, let missing = keys.first(where: { !model.has($0) }) else { return true }
    model.report(
      .pytorchBiasMissing,
      "'\(there[0])' is there and '\(missing)' is not: torch adds two biases",
      expected: "'\(keys[0])' and '\(keys[1])'", found: "'\(there[0])' alone",
      reason: "both biases were added, or the weights come from a framework with one bias"
        + (options.layer.recurrentKind == .gru
          ? "; the n gate of a GRU differs then, since only bias_hh passes the reset gate" : ""),
      fixes: [
        .init(.pytorch, "sd[\"\(missing)\"] = torch.zeros_like(sd[\"\(there[0])\"])")
      ])
    return false
  }
}

/// The tensors of one direction of one layer.
struct PyTorchCellParameters {
  var suffix: String
  var sizes: RecurrentSizes
  var hasBias: Bool
  var isProjected: Bool
}

extension Diagnostic.Code {
  static let pytorchBiasMissing = Self(rawValue: "pytorch.bias.missing")
}
