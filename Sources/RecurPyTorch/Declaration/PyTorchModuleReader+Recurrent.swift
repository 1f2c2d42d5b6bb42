import RecurContainers
import RecurModel
import RecurTensors

/// A recurrent module of torch.nn with its weights.
struct PyTorchRecurrentModule {
  /// The output for the next module.
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
  /// The selected output; nil when no option says it.
  var selected: Selected?
  var elementType: ElementType
  /// The value that says which timesteps count; nil when lengths say it, or nothing.
  var mask: String?
  /// What stands at timesteps that do not count.
  var maskedOutput: Recurrent.MaskedOutput?

  var isBidirectional: Bool { layers[0].count > 1 }
}

// torch/nn/modules/rnn.py (2.13).
extension PyTorchModuleReader {
  mutating func recurrent(
    _ kind: PyTorchRecurrentKind, _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> PyTorchRecurrentModule? {
    let isCell = options.layer.isCell
    let selected = self.selected(kind, isCell)
    let words = kind.nonlinearities.map(\.word)
    let word = words.isEmpty ? nil : options.word("nonlinearity", words)
    let activation = kind.nonlinearities.first { $0.word == word }?.function ?? .tanh
    if !isCell { options.ignore("dropout") }
    let mask = isCell ? nil : options.value("mask")?.string
    var maskedOutput: Recurrent.MaskedOutput?
    if mask != nil {
      let words: [Recurrent.MaskedOutput] = [.previous, .zero, .state]
      maskedOutput = .init(rawValue: options.word("masked_output", words.map(\.rawValue)))
    }
    // They were read before, with the tensors.
    options.ignore(DeclaredForm.options(of: kind))
    let isBatchFirst = isCell ? true : options.bool("batch_first") ?? false
    let first = RecurrentParameter.suffix(layer: isCell ? nil : 0)
    guard let kernel = model.required(key(.kernel, first)),
      let recurrent = model.required(key(.recurrentKernel, first))
    else { return nil }
    guard kernel.rank == 2, recurrent.rank == 2, recurrent.shape[1] > 0,
      kernel.shape[1] > 0
    else {
      model.report(
        .tensorShapeMismatch, "the kernels of '\(name)' are no matrices", at: kernel.location,
        found: "\(tuple(kernel.shape)) and \(tuple(recurrent.shape))")
      return nil
    }
    let projection = model.has(key(.projection, first))
    let units =
      projection ? recurrent.shape[0] / kind.gateCount : recurrent.shape[1]
    guard recurrent.shape[0] == kind.gateCount * units, !projection || kind.isProjectable else {
      wrongKind(kind, recurrent, &model)
      return nil
    }
    check("hidden_size", units, recurrent)
    check("input_size", kernel.shape[1], kernel)
    let hasBias = model.has(key(.bias, first)) || model.has(key(.recurrentBias, first))
    check("bias", hasBias, kernel, default: true)
    var (depth, isBidirectional) = (1, false)
    if !isCell {
      // A layer above a missing one is not counted; its tensors are reported as unused.
      while model.has(key(.kernel, RecurrentParameter.suffix(layer: depth))) { depth += 1 }
      isBidirectional = model.has(
        key(.kernel, RecurrentParameter.suffix(layer: 0, isReverse: true)))
      check("num_layers", depth, kernel, default: 1)
      check("bidirectional", isBidirectional, kernel, default: false)
      if kind.isProjectable {
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
      for isReverse in isBidirectional ? [false, true] : [false] {
        var own = sizes
        if layer > 0 { own.inputSize = recurrent.shape[1] * (isBidirectional ? 2 : 1) }
        let parameters = PyTorchCellParameters(
          suffix: RecurrentParameter.suffix(layer: isCell ? nil : layer, isReverse: isReverse),
          sizes: own, hasBias: hasBias, isProjected: projection, activation: activation)
        if let cell = try kind.read(&self, parameters, &model) { cells.append(cell) }
      }
      layers.append(cells)
      tensors += cells.flatMap { $0.tensors.map(\.tensor) }
    }
    guard layers.allSatisfy({ $0.count == (isBidirectional ? 2 : 1) }),
      let type = checkTypes(tensors, &model)
    else { return nil }
    return PyTorchRecurrentModule(
      kind: kind, isCell: isCell, inputSize: kernel.shape[1], layers: layers,
      isBatchFirst: isBatchFirst, selected: selected, elementType: type, mask: mask,
      maskedOutput: maskedOutput)
  }

  private mutating func selected(
    _ kind: PyTorchRecurrentKind, _ isCell: Bool
  ) -> PyTorchRecurrentModule.Selected? {
    guard let value = options.value("select") else { return nil }
    let allowed = PyTorchRecurrentModule.Selected.allCases.filter {
      (!isCell || [.hidden, .cell].contains($0)) && ($0 != .cell || kind.states.count > 1)
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
    let other = PyTorchRecurrentKind.all.first { $0.gateCount == gates }
    model.report(
      .pytorchOptionDisagrees,
      "'\(key(.recurrentKernel, ""))…' is \(tuple(recurrent.shape)), which is no recurrent kernel of \(kind.name)",
      at: recurrent.location,
      expected: "(\(kind.gateCount)·hidden_size, hidden_size)", found: tuple(recurrent.shape),
      hint: other.map { "\(gates) gates of \(recurrent.shape[1]) units make a nn.\($0.name)" })
  }

  /// The kernels and biases of one direction of one layer, gate by gate.
  mutating func weights<Gate>(
    _ layout: RecurrentLayout<Gate>, _ parameters: PyTorchCellParameters,
    _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> RecurrentWeights<Gate>? {
    func gates(
      _ parameter: RecurrentParameter, _ role: RecurrentTensorRole
    ) throws(CheckpointError) -> GateMap<Gate, Tensor>? {
      guard let tensor = model.required(key(parameter, parameters.suffix)) else { return nil }
      if let finding = layout.finding(tensor, role, layer: name, sizes: parameters.sizes) {
        model.findings.append(finding)
        return nil
      }
      return try layout.unpack(tensor)
    }
    let kernel = try gates(.kernel, .kernel)
    let recurrentKernel = try gates(.recurrentKernel, .recurrentKernel)
    var bias = RecurrentWeights<Gate>.Bias.none
    if parameters.hasBias {
      guard checkBiases(parameters.suffix, &model) else { return nil }
      let (input, recurrent) = (try gates(.bias, .bias), try gates(.recurrentBias, .bias))
      guard let input, let recurrent else { return nil }
      bias = .split(input: input, recurrent: recurrent)
    }
    guard let kernel, let recurrentKernel else { return nil }
    return RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias)
  }

  /// Whether both biases exist or neither: with only one, both were added, or the file was written
  /// by hand.
  private func checkBiases(_ suffix: String, _ model: inout PyTorchModelReader) -> Bool {
    let keys = [key(.bias, suffix), key(.recurrentBias, suffix)]
    let there = keys.filter { model.has($0) }
    guard there.count == 1, let missing = keys.first(where: { !model.has($0) }) else { return true }
    model.report(
      .pytorchBiasMissing,
      "'\(there[0])' is there and '\(missing)' is not: torch adds two biases",
      expected: "'\(keys[0])' and '\(keys[1])'", found: "'\(there[0])' alone",
      reason: "both biases were added, or the weights come from a framework with one bias"
        + (options.layer.recurrentKind?.biasRemark.map { "; \($0)" } ?? ""),
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
  /// The activation of the candidate.
  var activation: Activation

  /// The width of c, and of h without a projection.
  var units: Int { sizes.units ?? 0 }
  /// The width of x.
  var inputSize: Int { sizes.inputSize ?? 0 }
}

extension Diagnostic.Code {
  static let pytorchBiasMissing = Self(rawValue: "pytorch.bias.missing")
}
