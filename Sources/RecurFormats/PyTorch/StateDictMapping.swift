package import RecurModel
package import RecurTensors

/// The correspondence between a model's weights and a state dict, in both directions.
///
/// Keys are the layer's name and the parameter names of the torch module of its kind: `lstm.
/// weight_ih_l0`, `dense.weight`, `embedding.weight`.
package struct StateDictMapping: Sendable {
  private let model: Model
  private let names: PyTorchNames

  /// Plans the state dict of `model`.
  package init(_ model: Model) {
    self.model = model
    names = PyTorchNames(model.nodes.map(\.layerName))
  }

  /// The Python name of a layer: the prefix of its keys.
  package func prefix(of layerName: String) -> String { names[layerName] }

  /// The state dict, and what became of every tensor.
  ///
  /// Weights are moved bit for bit.
  ///
  /// - Throws: `tensor.shape-mismatch` when the tensors of one layer differ in type.
  package func encode() throws(CheckpointError) -> (tensors: TensorTable, [TensorMapping]) {
    var writer = StateDictWriter()
    for node in model.weightedNodes {
      let prefix = names[node.layerName]
      switch node.layer {
      case .lstm(let lstm): try writer.add(lstm, prefix)
      case .dense(let dense):
        try writer.add("\(prefix).weight", dense.kernel)
        if let bias = dense.bias {
          try writer.add("\(prefix).bias", bias)
        }
      case .embedding(let embedding):
        try writer.add("\(prefix).weight", embedding.table)
      case .input, .masking, .activation, .identity, .notEqual, .anyTrue: break
      }
    }
    return (writer.tensors, writer.mappings)
  }

  /// The model with the weights of `tensors` in place of its own.
  ///
  /// - Throws: everything that does not fit, in one error: `tensor.missing`, `tensor.shape-mismatch`.
  /// - Returns: the model, and a warning for every tensor that no layer uses.
  package func decode(
    _ tensors: TensorTable
  ) throws(CheckpointError) -> (model: Model, diagnostics: [Diagnostic]) {
    var reader = StateDictReader(tensors)
    var copy = model
    for index in copy.nodes.indices {
      let node = copy.nodes[index]
      copy.nodes[index].layer = reader.layer(like: node.layer, names[node.layerName])
    }
    if let error = CheckpointError(findings: reader.findings) { throw error }
    return (try copy.validated(), reader.findings + reader.unused())
  }
}

private struct StateDictWriter {
  var tensors = TensorTable()
  var mappings: [TensorMapping] = []

  /// Adds a tensor as the layer holds it.
  mutating func add(_ key: String, _ tensor: Tensor) throws(CheckpointError) {
    try add(key, tensor.contiguous(), [tensor], nil)
  }

  /// Adds `tensor`, which was made of `parts`: views of one stored tensor, or nothing.
  private mutating func add(
    _ key: String, _ tensor: Tensor, _ parts: [Tensor], _ detail: String?
  ) throws(CheckpointError) {
    try tensors.append(key, tensor)
    let stored = parts.first?.storedShape
    // A square matrix is transposed when the rows of its view are not contiguous.
    let isTransposed =
      tensor.rank == 2 && stored == tensor.shape.reversed()
      && (stored != tensor.shape || parts[0].strides[1] != 1)
    let moved = parts.isEmpty ? [] : [isTransposed ? "transposed" : "copied"]
    mappings.append(
      TensorMapping(
        source: parts.first?.location.object, sourceShape: stored, target: key,
        targetShape: tensor.shape,
        operation: (moved + [detail].compactMap { $0 }).joined(separator: "; ")))
  }

  mutating func add(_ lstm: LSTM, _ prefix: String) throws(CheckpointError) {
    let layout = PyTorchLayouts.lstm
    let order = "gates \(layout.gateOrder.map { "\($0)" }.joined(separator: ", "))"
    try addGates("\(prefix).weight_ih_l0", lstm.weights.kernel, order)
    try addGates("\(prefix).weight_hh_l0", lstm.weights.recurrentKernel, order)
    switch lstm.weights.bias {
    case .none: break
    case .single(let bias):
      try addGates("\(prefix).bias_ih_l0", bias, order)
      let type = bias[.input].elementType
      try add(
        "\(prefix).bias_hh_l0", .zeros(type, shape: [4 * lstm.units]), [],
        "zeros, because torch adds two biases and this layer has one")
    case .split(let input, let recurrent):
      try addGates("\(prefix).bias_ih_l0", input, order)
      try addGates("\(prefix).bias_hh_l0", recurrent, order)
    }
  }

  private mutating func addGates(
    _ key: String, _ gates: GateMap<LSTMGate, Tensor>, _ order: String
  ) throws(CheckpointError) {
    let parts = PyTorchLayouts.lstm.gateOrder.map { gates[$0] }
    try add(key, PyTorchLayouts.lstm.pack(gates), parts, order)
  }
}

private struct StateDictReader {
  private let tensors: TensorTable
  private var used: Set<Name> = []
  private(set) var findings: [Diagnostic] = []

  init(_ tensors: TensorTable) { self.tensors = tensors }

  mutating func layer(like layer: Layer, _ prefix: String) -> Layer {
    switch layer {
    case .lstm(let lstm): return read(lstm, prefix).map { .lstm($0) } ?? layer
    case .dense(var dense):
      let shape = [dense.outputSize, dense.inputSize]
      dense.kernel = take("\(prefix).weight", shape) ?? dense.kernel
      if dense.bias != nil { dense.bias = take("\(prefix).bias", [shape[0]]) ?? dense.bias }
      return .dense(dense)
    case .embedding(var embedding):
      embedding.table = take("\(prefix).weight", embedding.table.shape) ?? embedding.table
      return .embedding(embedding)
    case .input, .masking, .activation, .identity, .notEqual, .anyTrue: return layer
    }
  }

  func unused() -> [Diagnostic] {
    tensors.entries.filter { !used.contains(Name($0.name)) }.map { entry in
      Diagnostic(
        .tensorUnused, .warning, "no layer of the architecture uses '\(entry.name)'",
        at: entry.tensor.location)
    }
  }

  private mutating func read(_ lstm: LSTM, _ prefix: String) -> LSTM? {
    let sizes = RecurrentSizes(
      units: lstm.units, inputSize: lstm.inputSize, declaredBy: "the architecture")
    func gates(
      _ key: String, _ role: RecurrentTensorRole, _ reader: inout StateDictReader
    ) -> GateMap<LSTMGate, Tensor>? {
      guard let tensor = reader.find("\(prefix).\(key)") else { return nil }
      if let finding = PyTorchLayouts.lstm.finding(tensor, role, layer: prefix, sizes: sizes) {
        reader.findings.append(finding)
        return nil
      }
      return try? PyTorchLayouts.lstm.unpack(tensor)
    }
    let kernel = gates("weight_ih_l0", .kernel, &self)
    let recurrentKernel = gates("weight_hh_l0", .recurrentKernel, &self)
    var bias: RecurrentWeights<LSTMGate>.Bias? = RecurrentWeights.Bias.none
    if case .none = lstm.weights.bias {
    } else {
      let input = gates("bias_ih_l0", .bias, &self)
      let recurrent = gates("bias_hh_l0", .bias, &self)
      bias = nil
      if let input, let recurrent { bias = .split(input: input, recurrent: recurrent) }
    }
    guard let kernel, let recurrentKernel, let bias else { return nil }
    var copy = lstm
    copy.weights = RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias)
    return copy
  }

  private mutating func take(_ key: String, _ shape: [Int]) -> Tensor? {
    guard let tensor = find(key) else { return nil }
    guard tensor.shape == shape else {
      findings.append(
        Diagnostic(
          .tensorShapeMismatch, .error,
          "'\(key)' has shape \(tuple(tensor.shape)); the architecture declares \(tuple(shape))",
          at: tensor.location, expected: tuple(shape), found: tuple(tensor.shape)))
      return nil
    }
    return tensor
  }

  private mutating func find(_ key: String) -> Tensor? {
    guard let tensor = tensors[key] else {
      findings.append(
        Diagnostic(
          .tensorMissing, .error, "there is no tensor '\(key)'",
          hint: suggestion(for: key, among: tensors.names).map { "the nearest name is '\($0)'" }))
      return nil
    }
    used.insert(Name(key))
    guard tensor.elementType.isFloatingPoint else {
      findings.append(
        Diagnostic(
          .tensorDtypeUnsupported, .error,
          "'\(key)' holds \(tensor.elementType), not floating-point numbers", at: tensor.location))
      return nil
    }
    return tensor
  }
}
