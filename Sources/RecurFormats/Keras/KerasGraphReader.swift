import RecurContainers
import RecurModel
import RecurTensors

/// Builds a canonical model from an architecture and its arrays.
///
/// What Keras does silently becomes explicit here: masks travel from Masking and Embedding through
/// layers that support them to the recurrent layers, by the rules of `Layer.compute_mask`
/// (keras/src/layers/layer.py, keras/src/layers/rnn/rnn.py; the same in tf.keras 2).
struct KerasGraphReader {
  private typealias Reference = KerasArchitecture.TensorReference

  private let architecture: KerasArchitecture
  private let arrays: [Name: [Tensor]]
  private(set) var findings: [Diagnostic] = []
  private var nodes: [Model.Node] = []
  private var shapes = ModelShapes()
  private var values: [Reference: Model.Value] = [:]
  /// The mask that Keras would attach to a value; nil inside means none.
  private var masks: [Reference: Model.Value] = [:]
  private var layers: [Name: Layer] = [:]
  private var precisions: [Name: ElementType] = [:]
  private var unreadable: Set<Name> = []

  /// Prepares to build `architecture` with the arrays of every layer, in the file's order.
  init(_ architecture: KerasArchitecture, arrays: [Name: [Tensor]]) {
    self.architecture = architecture
    self.arrays = arrays
  }

  /// The model, validated.
  ///
  /// - Throws: everything that is wrong with the layers and the graph, in one error.
  mutating func model() throws(CheckpointError) -> Model {
    var waiting: [(layer: KerasArchitecture.LayerConfig, call: Int)] = []
    for layer in architecture.layers {
      if layer.calls.count > 1, layer.options["stateful"]?.bool == true {
        findings.append(
          Diagnostic(
            .kerasOptionUnsupported, .error,
            "\(layer.className) '\(layer.name)' is stateful and called \(layer.calls.count) times; "
              + "the file does not say in which order the calls change its state",
            at: layer.location))
      }
      // An input is not called; everything else is called at least once, or unused.
      let count = layer.className == "InputLayer" ? 1 : layer.calls.count
      waiting += (0..<count).map { (layer, $0) }
    }
    while !waiting.isEmpty {
      let before = waiting.count
      waiting = waiting.filter { !resolve($0.layer, call: $0.call) }
      if waiting.count == before { break }
    }
    for (layer, call) in waiting {
      findings.append(
        Diagnostic(
          .graphInvalid, .error,
          "call \(call) of '\(layer.name)' waits for a tensor that no layer puts out",
          at: layer.location))
    }
    if let error = CheckpointError(findings: findings) { throw error }
    let model = Model(
      name: architecture.name, producer: "Keras \(architecture.version)", nodes: nodes,
      inputs: try architecture.inputs.map { reference throws(CheckpointError) in
        try value(of: reference).node
      },
      outputs: try architecture.outputs.map { reference throws(CheckpointError) in
        try value(of: reference)
      })
    return try model.validated()
  }

  private func value(of reference: Reference) throws(CheckpointError) -> Model.Value {
    guard let value = values[reference] else {
      throw CheckpointError(
        .graphInvalid,
        "the model's inputs or outputs name output \(reference.output) of call \(reference.call) of "
          + "'\(reference.layer)', which does not exist")
    }
    return value
  }

  /// Adds the node of one call once its inputs are known; true when nothing is left to do.
  private mutating func resolve(_ config: KerasArchitecture.LayerConfig, call index: Int) -> Bool {
    let isInput = config.className == "InputLayer"
    let call = isInput ? KerasArchitecture.Call() : config.calls[index]
    let needed = call.inputs + call.initialState + [call.mask].compactMap { $0 }
    if needed.contains(where: { unreadable.contains($0.layer) }) {
      // Still read the layer: its own problems are worth reporting.
      _ = layer(config, inputSize: nil)
      unreadable.insert(Name(config.name))
      return true
    }
    var resolved: [Model.Value] = []
    for reference in needed {
      guard let value = values[reference] else { return false }
      resolved.append(value)
    }
    let shape = resolved.first.flatMap { shapes[$0] }
    guard let layer = layer(config, inputSize: shape?.last?.value) else {
      unreadable.insert(Name(config.name))
      return true
    }
    add(layer, config, index, call)
    return true
  }

  private mutating func layer(
    _ config: KerasArchitecture.LayerConfig, inputSize: Int?
  ) -> Layer? {
    let name = Name(config.name)
    if let layer = layers[name] { return layer }
    guard !unreadable.contains(name) else { return nil }
    var reader = KerasLayerReader(
      config, arrays: arrays[name] ?? [], inputSize: inputSize, version: architecture.version)
    let layer = reader.layer()
    findings += reader.findings
    precisions[name] = reader.precision
    if let layer { layers[name] = layer } else { unreadable.insert(name) }
    return layer
  }

  /// The layers that have arrays and are never called, so that nothing uses them.
  var unusedLayers: [Name] { arrays.keys.filter { layers[$0] == nil }.sorted() }

  private mutating func add(
    _ layer: Layer, _ config: KerasArchitecture.LayerConfig, _ index: Int,
    _ call: KerasArchitecture.Call
  ) {
    let isRecurrent = if case .lstm = layer { true } else { false }
    var inputs = call.inputs
    var initialState = call.initialState
    // Keras 2 appends the initial state to the inputs.
    if isRecurrent, inputs.count == 3, initialState.isEmpty {
      initialState = Array(inputs.dropFirst())
      inputs = [inputs[0]]
    }
    if call.isTraining,
      config.options["rate"] != nil || config.options["dropout"]?.double ?? 0 != 0
        || config.options["recurrent_dropout"]?.double ?? 0 != 0
    {
      findings.append(
        Diagnostic(
          .kerasOptionUnsupported, .error,
          "'\(config.name)' is called with \"training\": true, so its dropout is random",
          at: config.location))
    }
    let incoming = inputs.first.flatMap { masks[$0] }
    let explicit = call.mask.flatMap { values[$0] }
    // Keras 3 hands on a mask only when the sequence is the call's one tensor (keras/src/layers/
    // layer.py, "Populate mask argument(s)"): with an initial state every timestep counts.
    let isIgnored =
      architecture.version.isKeras3 && !initialState.isEmpty && explicit == nil && incoming != nil
    if isRecurrent, isIgnored {
      findings.append(
        Diagnostic(
          .kerasMaskIgnored, .warning,
          "Keras 3 ignores the mask of '\(config.name)' because it is called with an initial state; "
            + "so does this model", at: config.location,
          hint: "in Keras, pass mask= explicitly"))
    }
    let mask = isRecurrent ? explicit ?? (isIgnored ? nil : incoming) : nil
    let name = index == 0 ? config.name : "\(config.name)#\(index)"
    let node = Model.Node(
      name: name, layerName: config.name, layer: layer,
      inputs: inputs.compactMap { values[$0] }, mask: mask,
      initialState: initialState.compactMap { values[$0] },
      precision: precision(of: layer, config.name, inputs.first), location: config.location)
    nodes.append(node)
    shapes.add(node)
    for output in 0..<layer.outputCount {
      values[Reference(layer: Name(config.name), call: index, output: output)] =
        Model.Value(name, output)
    }
    let first = Reference(layer: Name(config.name), call: index, output: 0)
    masks[first] = outgoingMask(
      layer, name, incoming: isRecurrent ? explicit ?? incoming : incoming)
  }

  /// The precision of a layer's policy; operations have none and work in that of their input.
  private func precision(of layer: Layer, _ name: String, _ input: Reference?) -> ElementType {
    switch layer {
    case .notEqual, .anyTrue:
      let producer = input.flatMap { values[$0] }?.node
      return nodes.last { $0.name == producer }?.precision ?? .float32
    case .input, .lstm, .dense, .embedding, .masking, .activation, .identity:
      return precisions[Name(name)] ?? .float32
    }
  }

  /// The mask that Keras attaches to the first output of a layer.
  private func outgoingMask(
    _ layer: Layer, _ node: String, incoming: Model.Value?
  ) -> Model.Value? {
    switch layer {
    case .masking: Model.Value(node, 1)
    case .embedding(let embedding): embedding.masksZero ? Model.Value(node, 1) : nil
    case .lstm(let lstm): lstm.returnsSequence ? incoming : nil
    case .dense, .activation: incoming
    // Identity supports masks from Keras 3 on; before, it loses them without a word.
    case .identity(let className):
      className == "Identity" && !architecture.version.isKeras3 ? nil : incoming
    case .input, .notEqual, .anyTrue: nil
    }
  }
}

extension Diagnostic.Code {
  static let kerasMaskIgnored = Self(rawValue: "keras.mask.ignored")
}
