import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

// The form of NeuralAmpModeler's exporter for LSTM (nam/models/recurrent.py).
extension NAMFormat: ModelEncoding {
  package func encode(
    _ model: Model, options: EncodeOptions
  ) throws(CheckpointError) -> any EncodedModel {
    let chain = try AudioChain(model, title)
    try chain.checkPlain(title)
    guard chain.nodes.count > 1, let head = chain.nodes.last, case .dense(let dense) = head.layer,
      dense.activation == .linear
    else {
      throw CheckpointError(
        .modelUnrepresentable,
        "\(title) holds LSTM layers of equal size and one dense layer without a function behind them",
        at: .init(object: model.name))
    }
    var writer = NAMWriter(title, model)
    for node in chain.nodes.dropLast() { try writer.append(node) }
    try writer.append(head: dense, head)
    var config = [
      "\"input_size\": \(chain.inputSize)", "\"hidden_size\": \(writer.units)",
      "\"num_layers\": \(chain.nodes.count - 1)",
    ]
    if chain.inputSize != 1 || dense.outputSize != 1 {
      config.append("\"in_channels\": \(chain.inputSize)")
      config.append("\"out_channels\": \(dense.outputSize)")
    }
    let numbers = Tensor.text(writer.numbers, shape: [writer.numbers.count])
    let rate = options.metadata.first { ["sample_rate", "samplerate"].contains($0.name) }
      .flatMap { Double($0.value) }
    let parts = [
      "\"version\": \"0.5.4\"", "\"metadata\": \(Self.metadata(options.metadata).text)",
      "\"architecture\": \"LSTM\"", "\"config\": {\(config.joined(separator: ", "))}",
      "\"weights\": \(numbers)",
    ]
    let text =
      "{" + (parts + (rate.map { ["\"sample_rate\": \($0)"] } ?? [])).joined(separator: ", ")
      + "}\n"
    let note = Diagnostic(
      .audioAssumed, .note,
      "the file says with which h and c a plug-in begins: those that the model begins with")
    return EncodedAudio(
      format: self, text: text, mappings: writer.weights.mappings, diagnostics: [note],
      isRounded: writer.weights.isRounded)
  }

  /// The entries `metadata.name.…` as objects again; numbers and Booleans as such.
  private static func metadata(_ entries: [(name: String, value: String)]) -> JSONValue {
    let own = entries.filter { $0.name.hasPrefix("metadata.") }.map { name, value in
      (path: name.split(separator: ".").dropFirst().map(String.init), value: value)
    }
    return object(own, depth: 0)
  }

  private static func object(_ entries: [(path: [String], value: String)], depth: Int) -> JSONValue
  {
    var object = JSONObject()
    for (path, value) in entries {
      guard let first = path.first, object[first] == nil else { continue }
      guard path.count > 1, depth < 8 else {
        _ = object.append(path.joined(separator: "."), plain(value))
        continue
      }
      let inner = entries.filter { $0.path.first == first && $0.path.count > 1 }
        .map { (path: Array($0.path.dropFirst()), value: $0.value) }
      _ = object.append(first, Self.object(inner, depth: depth + 1))
    }
    return .object(object)
  }

  private static func plain(_ text: String) -> JSONValue {
    if let whole = Int(text) { return .integer(whole) }
    if let number = Double(text), number.isFinite { return .number(number) }
    return ["true": .bool(true), "false": .bool(false), "null": .null][text] ?? .string(text)
  }
}

/// Puts the weights of layers one behind the other, as the engine reads them.
private struct NAMWriter {
  private(set) var numbers: [Float] = []
  private(set) var weights: AudioWeights
  /// The units of every layer; 0 before the first one.
  private(set) var units = 0
  private let title: String
  private let model: Model

  init(_ title: String, _ model: Model) {
    self.title = title
    self.model = model
    weights = AudioWeights(title)
  }

  mutating func append(_ node: Model.Node) throws(CheckpointError) {
    func refusal(_ what: String) -> CheckpointError { AudioChain.refusal(node, title, what) }
    guard case .recurrent(let layer) = node.layer, case .lstm(let cell) = layer.cell,
      cell.projection == nil, cell.peepholes == nil, !cell.isLimited
    else { throw refusal("the architecture has LSTM layers without projections only") }
    guard cell.activation == .tanh, cell.recurrentActivation == .sigmoid,
      cell.outputActivation ?? .tanh == .tanh
    else { throw refusal("the engine computes tanh and sigmoid") }
    guard layer.direction == .forward, layer.returnsSequence else {
      throw refusal("the engine runs forward and puts out every frame")
    }
    guard units == 0 || units == cell.units else {
      throw refusal("all layers have the same number of units, and those before it have \(units)")
    }
    units = cell.units
    let states = try initialStates(of: node)
    let layout = AudioLayouts.nam
    let (kernel, own) = (
      try layout.pack(cell.weights.kernel), try layout.pack(cell.weights.recurrentKernel)
    )
    let (left, right) = (try weights.numbers(kernel, node), try weights.numbers(own, node))
    for row in 0..<4 * units {
      numbers += left[row * cell.inputSize..<(row + 1) * cell.inputSize]
      numbers += right[row * units..<(row + 1) * units]
    }
    weights.note(
      "\(node.name).weight", [4 * units, cell.inputSize + units],
      from: layout.gateOrder.flatMap {
        [cell.weights.kernel[$0], cell.weights.recurrentKernel[$0]]
      },
      "kernel and recurrent kernel side by side, gates i f g o")
    let bias = try weights.single(cell.weights.bias, units: units, layout, node)
    numbers += bias.numbers
    weights.note("\(node.name).bias", [4 * units], from: bias.sources, "gates i f g o")
    numbers += states[0] + states[1]
  }

  mutating func append(head: Dense, _ node: Model.Node) throws(CheckpointError) {
    guard units > 0, head.inputSize == units else {
      throw AudioChain.refusal(node, title, "it must follow an LSTM")
    }
    numbers += try weights.numbers(head.kernel, node)
    weights.note("head.weight", head.kernel.shape, from: [head.kernel], "copied")
    if let bias = head.bias {
      numbers += try weights.numbers(bias, node)
      weights.note("head.bias", bias.shape, from: [bias], "copied")
    } else {
      numbers += [Float](repeating: 0, count: head.outputSize)
      weights.note("head.bias", [head.outputSize], from: [], "")
    }
  }

  /// h and c with which a layer begins; zeros where it has none.
  private func initialStates(of node: Model.Node) throws(CheckpointError) -> [[Float]] {
    guard !node.initialState.isEmpty else {
      let zeros = [Float](repeating: 0, count: units)
      return [zeros, zeros]
    }
    var states: [[Float]] = []
    for value in node.initialState {
      guard let source = model.node(value.node), case .conditional(let choice) = source.layer,
        choice.onTrue == choice.onFalse, let constant = choice.onTrue.constant,
        constant.elements.count == units
      else {
        throw AudioChain.refusal(node, title, "its first states are no constants")
      }
      states.append(constant.elements.map { Float($0) })
    }
    return states
  }
}
