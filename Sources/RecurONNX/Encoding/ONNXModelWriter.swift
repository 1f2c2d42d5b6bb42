import RecurFormats
import RecurModel
import RecurTensors

/// Makes the graph of a model: every layer becomes operators.
struct ONNXModelWriter {
  private let model: Model
  private let shapes: ModelShapes
  private var graph: ONNXGraphWriter
  private var values: [Model.Value: ONNXValue] = [:]
  private var inputs: [ONNXPortForm] = []
  /// Warnings and notes.
  private(set) var findings: [Diagnostic] = []
  /// Whether numbers were computed anew and rounded.
  var isRounded: Bool { graph.isRounded }

  /// The versions of the set of operators that can be written.
  ///
  /// Later ones give operators that are written another form.
  static let operatorSets = 13...25

  init(_ model: Model, operatorSet: Int) {
    self.model = model
    shapes = ModelShapes(model)
    graph = ONNXGraphWriter(operatorSet: operatorSet)
  }

  /// The model in ONNX' form.
  ///
  /// - Throws: `model.unrepresentable` for everything in the model that has no form.
  mutating func form(
    metadata: [(name: String, value: String)]
  ) throws(CheckpointError) -> ONNXModelForm {
    try model.demandConnected(for: "a graph of ONNX")
    let model = model
    try model.writeNodes { node throws(CheckpointError) in try write(node) }
    let outputs = try outputPorts()
    // In call order, and not in the order of the nodes.
    let ports = Dictionary(
      inputs.map { (Name($0.name), $0) }, uniquingKeysWith: { one, _ in one })
    inputs = model.inputs.compactMap { name in
      values[Model.Value(name)].flatMap { ports[Name($0.name)] }
    }
    graph.prune(outputs: outputs.map(\.name))
    return ONNXModelForm(
      name: model.name.isEmpty ? "model" : model.name, operatorSet: graph.operatorSet,
      nodes: graph.nodes, weights: graph.weights, inputs: inputs, outputs: outputs,
      metadata: metadata)
  }

  // MARK: nodes

  private mutating func write(_ node: Model.Node) throws(CheckpointError) {
    (graph.scope, graph.layerName) = (node.name, node.layerName)
    let own = shapes[node.name]
    if case .input(let input) = node.layer { return try write(input, node, own.first) }
    // What reads a layer that could not be written was reported there.
    var (inputs, shapes): ([ONNXValue], [[Dimension]]) = ([], [])
    for value in node.inputs {
      guard let known = values[value], let shape = self.shapes[value] else { return }
      inputs.append(known)
      shapes.append(shape)
    }
    let states = node.initialState.compactMap { values[$0] }
    let mask = node.mask.flatMap { values[$0] }
    guard states.count == node.initialState.count, (mask == nil) == (node.mask == nil) else {
      return
    }
    let type = node.precision == .bfloat16 ? ElementType.float32 : node.precision
    var call = ONNXLayerCall(
      node: node, inputs: inputs, given: inputs, shapes: shapes,
      mask: mask.map { graph.cast($0, to: .bool) },
      lengths: lengths(node), initialState: states, type: type,
      outputType: outputType(node.layer, inputs, type))
    guard !own.isEmpty || node.layer.outputCount == 0 else {
      // Layers of unknown classes have no shapes, and are refused by name.
      if case .opaque = node.layer { _ = try node.layer.onnx.results(call, &graph) }
      throw call.unrepresentable("has a shape that is not known")
    }
    if call.type != node.precision { noteWidened(node) }
    if !node.layer.traits.readsTokens, node.precision.isHalfWidthFloat {
      call.inputs = call.inputs.map { $0.type.isFloatingPoint ? graph.cast($0, to: type) : $0 }
    }
    let results = try node.layer.onnx.results(call, &graph)
    let makesMask = node.layer.ports.makesMask
    for (output, result) in results.enumerated() {
      let isMask = makesMask && output == results.count - 1
      values[Model.Value(node.name, output)] = graph.cast(
        result, to: isMask ? .bool : output == 0 ? call.outputType : type)
    }
  }

  /// The lengths of which a mask is made, in the type of ONNX' operators; nil for other masks.
  private mutating func lengths(_ node: Model.Node) -> ONNXValue? {
    guard let value = node.mask, let maker = model.node(value.node),
      case .lengthMask = maker.layer, let given = values[maker.inputs[1]]
    else { return nil }
    return graph.cast(given, to: .int32)
  }

  /// The type of a layer's first output.
  private func outputType(
    _ layer: Layer, _ inputs: [ONNXValue], _ type: ElementType
  ) -> ElementType {
    let types = inputs.map(\.type)
    let isFloating = types.contains(where: \.isFloatingPoint)
    switch layer.traits.outputType {
    case .declared(let declared): return declared == .bfloat16 ? .float32 : declared
    case .ofInput: return types.first ?? type
    case .floatingPoint: return type
    case .joined: return isFloating ? type : Set(types).count == 1 ? types[0] : .int64
    case .arithmetic:
      return isFloating
        ? type : Set(types) == [.int32] || Set(types) == [.int64] ? types[0] : .int64
    case .boolean: return .bool
    }
  }

  /// Says that a layer computes in a wider type than it says.
  private mutating func noteWidened(_ node: Model.Node) {
    guard node.layer.traits.inputWidth != nil else { return }
    findings.append(
      Diagnostic(
        .onnxWidened, .note,
        "'\(node.layerName)' computes in \(node.precision), and its operators in float32: ONNX Runtime "
          + "has none of them in \(node.precision)", at: node.location))
  }

  // MARK: inputs and outputs

  private mutating func write(
    _ input: Input, _ node: Model.Node, _ shape: [Dimension]?
  ) throws(CheckpointError) {
    func refuse(_ what: String) -> CheckpointError {
      CheckpointError(
        .modelUnrepresentable, "the input '\(node.name)' \(what)", at: node.location)
    }
    guard let shape else { throw refuse("has no shape") }
    guard !input.isText else { throw refuse("is text, which ONNX' operators can't read") }
    guard !input.elementType.isComplex, input.elementType.float8 == nil else {
      throw refuse("has elements of type \(input.elementType)")
    }
    if input.text != nil {
      findings.append(
        Diagnostic(
          .onnxTextInput, .note,
          "the input '\(node.name)' takes the numbers of the text: a graph of ONNX reads no text",
          at: node.location))
    }
    // The names of inputs are those of the model.
    let name = graph.unique(node.name)
    values[Model.Value(node.name)] = ONNXValue(name: name, type: input.elementType)
    inputs.append(ONNXPortForm(name: name, type: input.elementType, shape: shape))
  }

  /// The outputs, each under the name of its node.
  private mutating func outputPorts() throws(CheckpointError) -> [ONNXPortForm] {
    var ports: [ONNXPortForm] = []
    let given = Set(inputs.map { Name($0.name) })
    var taken: Set<Name> = []
    for output in model.outputs {
      guard let value = values[output], let shape = shapes[output] else {
        throw CheckpointError(
          .modelUnrepresentable, "the output '\(output.node)' has a shape that is not known")
      }
      let wanted = model.outputName(output, separator: ".")
      graph.scope = output.node
      // An input, a weight, or a value that is an output twice gets a node of its own.
      let isOwn =
        graph.nodes.contains { $0.outputs.contains(value.name) }
        && !given.contains(Name(value.name)) && !taken.contains(Name(value.name))
      let name = graph.unique(wanted)
      if isOwn {
        graph.rename(value.name, to: name)
        for (key, old) in values where old == value {
          values[key] = ONNXValue(name: name, type: old.type)
        }
        taken.insert(Name(name))
        ports.append(ONNXPortForm(name: name, type: value.type, shape: shape))
      } else {
        graph.copy(value, as: name)
        ports.append(ONNXPortForm(name: name, type: value.type, shape: shape))
      }
    }
    return ports
  }
}

extension Diagnostic.Code {
  /// A layer that computes in a wider type than its file says.
  static let onnxWidened = Self(rawValue: "onnx.widened")
  /// An input of text that takes the text's numbers.
  static let onnxTextInput = Self(rawValue: "onnx.text-input")
}
