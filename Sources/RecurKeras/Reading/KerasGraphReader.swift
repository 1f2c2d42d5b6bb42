import RecurContainers
import RecurModel
import RecurTensors

/// Makes a model of an architecture and its arrays.
///
/// Everything that Keras does silently becomes explicit. Masks go from Masking and Embedding
/// through the layers that hand masks on, to the layers that use masks; the rooms of the kinds say
/// which layers these are. Models inside models become nodes of one graph, with their path as name.
struct KerasGraphReader {
  typealias Reference = KerasArchitecture.TensorReference

  /// A value of the graph, with the mask that Keras attaches to it.
  struct Masked {
    var value: Model.Value
    var mask: Model.Value?
  }

  let architecture: KerasArchitecture
  let keepsStates: Bool
  /// The arrays of every layer; nil for zeros in place of all of them.
  private let arrays: [Name: [KerasArray]]?
  /// The shapes of the zeros in place of every layer's arrays, by path.
  private(set) var placeholders: [Name: [[Int]]] = [:]
  let rules: KerasMaskRules
  var findings: [Diagnostic] = []
  var nodes: [Model.Node] = []
  /// The nodes that exchange axes around a layer, with what they exchange.
  var exchanges: [Name: Model.Value] = [:]
  var shapes = ModelShapes()
  var types = NumberKinds()
  private var layers: [Name: Layer] = [:]
  private var precisions: [Name: ElementType] = [:]
  private var featureAxes: [Name: KerasLayerReader.FeatureAxis] = [:]
  private var nodePrecisions: [Name: ElementType] = [:]
  private var unreadable: Set<Name> = []
  /// Whether the model gets an input for the mask of its sequence.
  private let takesMask: Bool
  /// The input for the mask, once the sequence was found.
  private var maskInput: String?
  /// The number of calls that may still be followed, because nested models can multiply calls.
  private var budget = 20_000

  /// Prepares to build `architecture` with the arrays of every layer, by path, in Keras' order; without
  /// them, zeros of the declared shapes stand for the weights.
  init(
    _ architecture: KerasArchitecture, arrays: [Name: [KerasArray]]?, takesMask: Bool = false
  ) {
    self.architecture = architecture
    self.takesMask = takesMask
    self.arrays = arrays
    rules = KerasMaskRules(architecture.version)
    keepsStates = architecture.keepsStates
  }

  /// The model, checked.
  ///
  /// - Throws: everything that is wrong with the layers and the graph, in one error.
  mutating func model() throws(CheckpointError) -> Model {
    let outputs = build(architecture, at: KerasNamePrefixes(), inputs: nil)
    if let error = CheckpointError(findings: findings) { throw error }
    let model = Model(
      name: architecture.name, producer: "Keras \(architecture.version)",
      nodes: withBatchAxes(withoutUnusedExchanges(outputs)),
      inputs: architecture.inputs.map(\.layer.text) + [maskInput].compactMap { $0 },
      outputs: (outputs ?? []).map(\.value))
    return try model.validated()
  }

  /// The layers that have arrays and are never called, so that nothing uses them.
  var unusedLayers: [Name] {
    (arrays ?? [:]).keys.filter { layers[$0] == nil }.sorted()
  }

  // MARK: one model

  /// Adds the nodes of one call of a model.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - place: the prefix of its names.
  ///   - inputs: the inputs of the call of a nested model.
  /// - Returns: its outputs; nil after an error, which is reported as a finding.
  private mutating func build(
    _ model: KerasArchitecture, at place: KerasNamePrefixes, inputs: [Masked]?
  ) -> [Masked]? {
    var scope: [Reference: Masked] = [:]
    if let inputs {
      guard inputs.count == model.inputs.count else {
        report(
          "'\(place.layers.dropLast())' is called with \(inputs.count) inputs and has "
            + "\(model.inputs.count)", model.layers.first?.location ?? .init())
        return nil
      }
      for (reference, input) in zip(model.inputs, inputs) { scope[reference] = input }
    }
    var waiting: [(layer: KerasArchitecture.LayerConfig, call: Int)] = []
    for layer in model.layers {
      if layer.calls.count > 1, layer.options["stateful"]?.bool == true {
        findings.append(
          Diagnostic(
            .kerasOptionUnsupported, .error,
            "\(layer.className) '\(layer.name)' is stateful and called \(layer.calls.count) times; "
              + "the file does not say in which order the calls change its state",
            at: layer.location))
      }
      let isInput = layer.kerasClass?.role == .input
      if isInput, inputs != nil { continue }
      // An input has no call. Any other layer is called at least once, or is unused.
      waiting += (0..<(isInput ? 1 : layer.calls.count)).map { (layer, $0) }
    }
    var broken: Set<Name> = []
    while !waiting.isEmpty {
      let before = waiting.count
      waiting = waiting.filter { layer, call in
        !resolve(layer, call: call, at: place, &scope, &broken)
      }
      if waiting.count == before { break }
    }
    for (layer, call) in waiting {
      report(
        "call \(call) of '\(layer.name)' waits for a tensor that no layer puts out", layer.location)
    }
    guard waiting.isEmpty, broken.isEmpty else { return nil }
    var outputs: [Masked] = []
    for reference in model.inputs + model.outputs {
      guard let output = scope[reference] else {
        report(
          "the model's inputs or outputs name output \(reference.output) of call "
            + "\(reference.call) of '\(reference.layer)', which does not exist", .init())
        return nil
      }
      outputs.append(output)
    }
    return Array(outputs.dropFirst(model.inputs.count))
  }

  private mutating func report(_ message: String, _ place: Diagnostic.Location) {
    findings.append(Diagnostic(.graphInvalid, .error, message, at: place))
  }

  /// Adds the node of one call if its inputs are known; true when the call needs no further
  /// attempt.
  private mutating func resolve(
    _ config: KerasArchitecture.LayerConfig, call index: Int, at place: KerasNamePrefixes,
    _ scope: inout [Reference: Masked], _ broken: inout Set<Name>
  ) -> Bool {
    let isInput = config.kerasClass?.role == .input
    let call = isInput ? KerasArchitecture.Call() : config.calls[index]
    let needed = call.operands
    if needed.contains(where: { broken.contains($0.layer) }) {
      // The layer is read all the same, so that its own errors are reported too.
      if config.nested == nil { _ = layer(config, place.layers, inputShapes: []) }
      broken.insert(Name(config.name))
      return true
    }
    var resolved: [Masked] = []
    for reference in needed {
      guard let value = scope[reference] else { return false }
      resolved.append(value)
    }
    budget -= 1
    guard budget > 0 else {
      if budget == 0 {
        findings.append(
          Diagnostic(
            .limitExceeded, .error,
            "models inside models make more than 20000 calls of layers", at: config.location))
      }
      broken.insert(Name(config.name))
      return true
    }
    if call.returnsScores, architecture.outputCount(of: config.name) > 1 {
      findings.append(
        Diagnostic(
          .kerasOptionUnsupported, .error,
          "'\(config.name)' is called with \"return_attention_scores\": true, and something uses the "
            + "scores; only what it attends to is supported", at: config.location))
      broken.insert(Name(config.name))
      return true
    }
    let number = index == 0 ? "" : "#\(index)"
    var outputs: [Masked]?
    if let nested = config.nested {
      if config.isDistributed, resolved.contains(where: { $0.mask != nil }) {
        findings.append(
          Diagnostic(
            .kerasOptionUnsupported, .error,
            "'\(config.name)' hands a mask to the model inside it, which is not supported",
            at: config.location))
      }
      outputs = build(
        nested, at: place.inside(config.name, number),
        inputs: KerasCallOperands(call, resolved).inputs)
    } else {
      let inputShapes = resolved.prefix(call.inputs.count).map { shapes[$0.value] ?? [] }
      if let layer = layer(config, place.layers, inputShapes: inputShapes) {
        if !isInput, case .input = layer {
          outputs = readingText(layer, config, resolved.first?.value)
        } else {
          outputs = add(
            layer, config, call, KerasCallOperands(call, resolved),
            name: place.layers + config.name, node: place.nodes + config.name + number)
        }
      }
    }
    guard var outputs else {
      broken.insert(Name(config.name))
      return true
    }
    if isInput, takesMask, maskInput == nil { giveMask(to: &outputs, of: config) }
    for (output, value) in outputs.enumerated() {
      scope[Reference(layer: Name(config.name), call: index, output: output)] = value
    }
    return true
  }

  /// Attaches the mask input to the model's sequence, as `model(x, mask=mask)` does.
  private mutating func giveMask(
    to outputs: inout [Masked], of config: KerasArchitecture.LayerConfig
  ) {
    // An initial state is [batch, units]. A sequence has more axes, or an axis of free extent.
    guard let shape = outputs.first.flatMap({ shapes[$0.value] }), shape.count > 1,
      shape.count > 2 || shape[1].value == nil
    else { return }
    let name = "\(config.name):mask"
    append(
      Model.Node(
        name: name, layerName: name,
        layer: .input(
          Input(shape: [nil, shape[1].value], elementType: .bool, acceptsOtherTypes: true)),
        inputs: [],
        location: config.location))
    maskInput = name
    outputs[0].mask = Model.Value(name)
  }

  /// The layer of a config, read once for all its calls.
  private mutating func layer(
    _ config: KerasArchitecture.LayerConfig, _ path: String, inputShapes: [[Dimension]]
  ) -> Layer? {
    let name = Name(path + config.name)
    if let layer = layers[name] { return layer }
    guard !unreadable.contains(name) else { return nil }
    guard !config.isOpaque else {
      let readsText = config.calls.first?.inputs.contains { reference in
        guard case .input(let input)? = layers[reference.layer] else { return false }
        return input.isText
      }
      let (layer, finding) = KerasUnknownLayers(architecture).layer(
        config, arrays?[name] ?? [], readsText: readsText == true)
      findings.append(finding)
      layers[name] = layer
      return layer
    }
    var reader = KerasLayerReader(
      config, arrays: arrays.map { ($0[name] ?? []).map(\.tensor) }, inputShapes: inputShapes,
      version: architecture.version)
    let layer = reader.layer()
    // Behind a layer nobody knows, an operation or a layer without arrays may lack the shape of its input.
    let asksForShape = reader.findings.allSatisfy { $0.code == .kerasConfigInvalid }
    if layer == nil, inputShapes.contains([]),
      config.isOperation || KerasArrayPlan(config)?.arrays.isEmpty == true && asksForShape
    {
      let layer = KerasUnknownLayers(architecture).behindUnknown(config)
      layers[name] = layer
      return layer
    }
    placeholders[name] = reader.placeholders
    findings += reader.findings
    precisions[name] = reader.precision
    featureAxes[name] = reader.featureAxis
    if let layer { layers[name] = layer } else { unreadable.insert(name) }
    return layer
  }

  // MARK: one call

  /// Adds the node of one call.
  ///
  /// - Returns: its outputs, the first with the mask that Keras attaches to it.
  private mutating func add(
    _ layer: Layer, _ config: KerasArchitecture.LayerConfig, _ call: KerasArchitecture.Call,
    _ given: KerasCallOperands, name: String, node nodeName: String
  ) -> [Masked] {
    var given = given
    if !layer.stateSizes.isEmpty { given.splitInitialState(count: layer.stateSizes.count) }
    if call.isTraining, config.isRandomInTraining {
      findings.append(
        Diagnostic(
          .kerasOptionUnsupported, .error,
          "'\(config.name)' is called with \"training\": true, so its dropout is random",
          at: config.location))
    }
    let features = featureAxes[Name(name)]
    if let features {
      let precision = precision(of: config, name, given.inputs.first)
      for index in given.inputs.indices {
        given.inputs[index].value = movingFeaturesLast(
          given.inputs[index].value, from: features.axis, "\(nodeName):channels_last", precision)
      }
    }
    let reaches = rules.reaches(withInitialState: !given.initialState.isEmpty)
    let incoming = given.inputs.first?.mask
    let present = given.inputs.map { $0.mask != nil }
    let isUser = layer.keras.masks(rules, present: present).use == .needed
    if isUser, !reaches, given.mask == nil, incoming != nil {
      findings.append(
        Diagnostic(
          .kerasMaskIgnored, .warning,
          "Keras 3 ignores the mask of '\(config.name)' because it is called with an initial state; "
            + "so does this model", at: config.location,
          hint: "in Keras, pass mask= explicitly"))
    }
    var node = Model.Node(
      name: nodeName, layerName: name, layer: layer, inputs: given.inputs.map(\.value),
      mask: isUser ? given.mask ?? (reaches ? incoming : nil) : nil,
      initialState: given.initialState, precision: precision(of: config, name, given.inputs.first),
      location: config.location)
    var replaced: [Model.Value]?
    let kind = layer.keras as? any KerasCallReading
    if kind != nil || config.kerasClass?.completes != nil {
      var reader = KerasNodeReader(
        node, config, call, masks: given.inputs.map(\.mask), rules,
        inputShapes: node.inputs.map { shapes[$0] ?? [] },
        inputTypes: node.inputs.map { types[$0] })
      kind?.read(&reader)
      config.kerasClass?.completes?(&reader)
      replaced = reader.outputs
      findings += reader.findings
      for added in reader.added { append(added) }
      node = reader.node
    }
    append(node)
    let values = replaced ?? (0..<layer.outputCount).map { Model.Value(node.name, $0) }
    var outputs = values.map { Masked(value: $0) }
    // An operation is no layer: its outputs have no masks.
    guard !outputs.isEmpty, !config.isOperation else { return outputs }
    var masks = given.inputs.map(\.mask)
    if isUser, let mask = given.mask, !masks.isEmpty { masks[0] = mask }
    let mask = outgoingMask(node, masks)
    let count = layer.keras.masks(rules, present: present).outputCount
    for index in outputs.indices.prefix(count) { outputs[index].mask = mask }
    for (index, axis) in (features?.outputs ?? []).enumerated() {
      guard let axis, outputs.indices.contains(index) else { continue }
      outputs[index].value = movingFeatures(
        outputs[index].value, to: axis,
        "\(nodeName):channels_first" + (index == 0 ? "" : "_\(index)"))
    }
    return outputs
  }

  mutating func append(_ node: Model.Node) {
    nodes.append(node)
    types.add(node)
    nodePrecisions[Name(node.name)] = node.precision
    shapes.add(node)
  }

  /// The precision by the policy of the layer; an operation has the precision of its input.
  private func precision(
    of config: KerasArchitecture.LayerConfig, _ name: String, _ input: Masked?
  ) -> ElementType {
    guard config.kerasClass?.followsInput == true, let input else {
      return precisions[Name(name)] ?? .float32
    }
    return nodePrecisions[Name(input.value.node)] ?? .float32
  }
}

extension KerasArchitecture.LayerConfig {
  /// Whether the layer is random when it is called for training.
  fileprivate var isRandomInTraining: Bool {
    ["rate", "dropout", "recurrent_dropout", "stddev"].contains { options[$0]?.double ?? 0 != 0 }
      || inside.contains(where: \.isRandomInTraining)
      || kerasClass?.differsInTraining == true
  }
}

extension Diagnostic.Code {
  static let kerasMaskIgnored = Self(rawValue: "keras.mask.ignored")
}
