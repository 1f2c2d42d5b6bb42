import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

// The form of CoreAudioML's SimpleRNN, which GuitarML's plug-ins load (CoreAudioML/networks.py).
extension StateDictJSONFormat: ModelEncoding {
  package func encode(
    _ model: Model, options: EncodeOptions
  ) throws(CheckpointError) -> any EncodedModel {
    let chain = try AudioChain(model, title)
    try chain.checkPlain(title, allowsSkip: true)
    guard chain.nodes.count > 1, let last = chain.nodes.last, let head = last.linear else {
      throw CheckpointError(
        .modelUnrepresentable,
        "\(title) holds recurrent layers and one dense layer without a function behind them",
        at: .init(object: model.name))
    }
    guard chain.skip <= 1 || chain.skip == head.outputSize else {
      throw CheckpointError(
        .modelUnrepresentable,
        "\(title) adds one channel of the input, or as many as there are outputs, and the model "
          + "\(chain.skip)")
    }
    var writer = StateDictJSONWriter(title)
    for node in chain.nodes.dropLast() { try writer.append(node) }
    try writer.append(head: head, last)
    let options = [
      "\"model\": \"SimpleRNN\"", "\"input_size\": \(chain.inputSize)",
      "\"skip\": \(chain.skip)", "\"output_size\": \(head.outputSize)",
      "\"unit_type\": \"\(writer.kind)\"", "\"num_layers\": \(chain.nodes.count - 1)",
      "\"hidden_size\": \(writer.units)", "\"bias_fl\": \(head.bias != nil)",
    ]
    let text =
      "{\"model_data\": {\(options.joined(separator: ", "))}, \"state_dict\": {\n"
      + writer.entries.joined(separator: ",\n") + "\n}}\n"
    return EncodedAudio(
      format: self, text: text, mappings: writer.weights.mappings, diagnostics: [],
      isRounded: writer.weights.isRounded)
  }
}

extension Model.Node {
  /// The dense layer without a function that the node is, also around every timestep.
  fileprivate var linear: Dense? {
    var own = layer
    if case .timeDistributed(let wrapper) = own { own = wrapper.inner }
    guard case .dense(let dense) = own, dense.activation == .linear else { return nil }
    return dense
  }
}

/// Writes layers as entries of a state dict.
private struct StateDictJSONWriter {
  private(set) var entries: [String] = []
  private(set) var weights: AudioWeights
  /// The units of every layer, and torch's word for its cell; 0 and empty before the first one.
  private(set) var units = 0
  private(set) var kind = ""
  private let title: String
  private var depth = 0

  init(_ title: String) {
    self.title = title
    weights = AudioWeights(title)
  }

  mutating func append(_ node: Model.Node) throws(CheckpointError) {
    func refusal(_ what: String) -> CheckpointError { AudioChain.refusal(node, title, what) }
    guard case .recurrent(let layer) = node.layer, layer.direction == .forward,
      layer.returnsSequence, node.initialState.isEmpty
    else { throw refusal("it runs forward from states of zeros and puts out every frame") }
    switch layer.cell {
    case .lstm(let cell)
    where cell.activation == .tanh && cell.recurrentActivation == .sigmoid
      && cell.projection == nil && cell.peepholes == nil && !cell.isLimited
      && cell.outputActivation ?? .tanh == .tanh:
      try append(cell.weights, AudioLayouts.stateDictLSTM, "LSTM", cell.units, node)
    case .gru(let cell)
    where cell.activation == .tanh && cell.recurrentActivation == .sigmoid
      && cell.resetPlacement == .afterProduct:
      try append(cell.weights, AudioLayouts.stateDictGRU, "GRU", cell.units, node)
    case .simpleRNN(let cell) where cell.activation == .tanh:
      let layout = RecurrentLayout<SimpleRNNGate>(
        gateOrder: [.hidden], orientation: .outputsByInputs)
      try append(cell.weights, layout, "RNN", cell.units, node)
    default:
      throw refusal("the plug-ins compute LSTM, GRU (reset gate after the product) and tanh cells")
    }
  }

  private mutating func append<Gate>(
    _ own: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>, _ word: String, _ size: Int,
    _ node: Model.Node
  ) throws(CheckpointError) {
    guard units == 0 || units == size && kind == word else {
      throw AudioChain.refusal(
        node, title,
        "all layers have the same cell and number of units, and those before it \(kind)(\(units))"
      )
    }
    (units, kind) = (size, word)
    for (name, gates) in [("weight_ih", own.kernel), ("weight_hh", own.recurrentKernel)] {
      let packed = try layout.pack(gates)
      add(
        "rec.\(name)_l\(depth)", try weights.numbers(packed, node), packed.shape,
        layout.gateOrder.map { gates[$0] })
    }
    var (input, recurrent) = (RecurrentWeights<Gate>.Bias.none, RecurrentWeights<Gate>.Bias.none)
    switch own.bias {
    case .none: break
    case .single: input = own.bias
    case .split(let one, let other): (input, recurrent) = (.single(one), .single(other))
    }
    for (name, bias) in [("bias_ih", input), ("bias_hh", recurrent)] {
      let row = try weights.single(bias, units: units, layout, node)
      add("rec.\(name)_l\(depth)", row.numbers, [row.numbers.count], row.sources)
    }
    depth += 1
  }

  mutating func append(head: Dense, _ node: Model.Node) throws(CheckpointError) {
    guard head.inputSize == units else {
      throw AudioChain.refusal(node, title, "it must follow a recurrent layer")
    }
    add("lin.weight", try weights.numbers(head.kernel, node), head.kernel.shape, [head.kernel])
    if let bias = head.bias {
      add("lin.bias", try weights.numbers(bias, node), bias.shape, [bias])
    }
  }

  private mutating func add(
    _ name: String, _ numbers: [Float], _ shape: [Int], _ sources: [Tensor]
  ) {
    weights.note(
      name, shape, from: sources, sources.count > 1 ? "gates in torch's order" : "copied")
    entries.append("\"\(name)\": \(Tensor.text(numbers, shape: shape))")
  }
}
