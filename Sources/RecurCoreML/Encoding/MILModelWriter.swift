import RecurFormats
import RecurModel
import RecurTensors

/// Makes the program of a model: every layer becomes operations.
struct MILModelWriter {
  private let model: Model
  private let shapes: ModelShapes
  private var graph = MILGraphWriter()
  private var values: [Model.Value: MILWritten] = [:]
  private var inputs: [MILWritten] = []
  /// Warnings and notes.
  private(set) var findings: [Diagnostic] = []

  init(_ model: Model) {
    self.model = model
    shapes = ModelShapes(model)
  }

  /// The model as a program.
  ///
  /// - Throws: `model.unrepresentable` for everything in the model that has no form.
  mutating func form(
    metadata: [(name: String, value: String)]
  ) throws(CheckpointError) -> MILProgramForm {
    try model.demandConnected(for: "a program of Core ML")
    let model = model
    try model.writeNodes { node throws(CheckpointError) in try write(node) }
    let outputs = try outputValues()
    let ordered = model.inputs.compactMap { values[Model.Value($0)] }
    noteBounds(ordered)
    return MILProgramForm(
      inputs: ordered, outputs: outputs, operations: graph.constants + graph.operations,
      weights: graph.weights, metadata: metadata, isRounded: graph.isRounded,
      isHalf: graph.isHalf)
  }

  // MARK: nodes

  private mutating func write(_ node: Model.Node) throws(CheckpointError) {
    (graph.scope, graph.layerName) = (node.name, node.layerName)
    let own = shapes[node.name]
    if case .input(let input) = node.layer { return try write(input, node, own.first) }
    // What reads a layer that could not be written was reported there.
    var inputs: [MILWritten] = []
    for value in node.inputs {
      guard let known = values[value] else { return }
      inputs.append(known)
    }
    let states = node.initialState.compactMap { values[$0] }
    guard states.count == node.initialState.count else { return }
    let call = CoreMLLayerCall(
      node: node, inputs: inputs, shapes: own, initialState: states, type: node.precision)
    guard [.float32, .float16].contains(node.precision) else {
      throw call.unrepresentable(
        "computes in \(node.precision), and Core ML in float32 and float16")
    }
    guard !own.isEmpty || node.layer.outputCount == 0 else {
      throw call.unrepresentable("has a shape that is not known")
    }
    let results = try node.layer.coreML.results(call, &graph)
    for (output, result) in results.enumerated() {
      values[Model.Value(node.name, output)] = result
    }
  }

  // MARK: inputs and outputs

  private mutating func write(
    _ input: Input, _ node: Model.Node, _ shape: [Dimension]?
  ) throws(CheckpointError) {
    func refuse(_ what: String) -> CheckpointError {
      CheckpointError(
        .modelUnrepresentable, "the input '\(node.name)' \(what)", at: node.location)
    }
    guard let shape, !shape.isEmpty else { throw refuse("has no shape, or no axes") }
    guard !input.isText, input.text == nil else { throw refuse("is text") }
    guard shape.count <= 5 else { throw refuse("has more than five axes") }
    let type: ElementType
    switch input.elementType {
    case .float32, .float16: type = input.elementType
    case .int32, .int64, .int16, .int8, .uint8, .uint16: type = .int32
    default:
      throw refuse("has elements of type \(input.elementType), which Core ML takes none of")
    }
    if type != input.elementType {
      findings.append(
        Diagnostic(
          .coreMLBounds, .note,
          "the input '\(node.name)' takes int32 in place of \(input.elementType), which Core ML does not "
            + "take", at: node.location))
    }
    values[Model.Value(node.name)] = MILWritten(
      name: graph.unique(node.name), type: type, shape: shape)
  }

  /// Says between which bounds free extents are.
  private mutating func noteBounds(_ inputs: [MILWritten]) {
    guard inputs.contains(where: { $0.shape.contains { $0.value == nil } }) else { return }
    findings.append(
      Diagnostic(
        .coreMLBounds, .note,
        "free extents are 1 to \(MILProgramForm.largestBatch) for the first axis and 1 to "
          + "\(MILProgramForm.largestExtent) for others: a program of Core ML has bounds for all"))
  }

  /// The outputs, each under a name of its own, which no other value has.
  private mutating func outputValues() throws(CheckpointError) -> [MILWritten] {
    var outputs: [MILWritten] = []
    for output in model.outputs {
      guard let value = values[output] else {
        throw CheckpointError(
          .modelUnrepresentable, "the output '\(output.node)' has a shape that is not known")
      }
      guard [.float32, .float16, .int32].contains(value.type), value.rank > 0 else {
        throw CheckpointError(
          .modelUnrepresentable,
          "the output '\(output.node)' is \(value.type) of \(value.rank) axes: Core ML puts out arrays of "
            + "float32, float16 and int32")
      }
      graph.scope = "\(model.outputName(output, separator: "_"))_output"
      outputs.append(
        graph.apply(
          "identity", [("x", .value(value))], shape: value.shape, as: value.type, isMain: true))
    }
    return outputs
  }
}

extension Diagnostic.Code {
  /// What a program of Core ML takes, where that is less than the model takes.
  static let coreMLBounds = Self(rawValue: "coreml.bounds")
}
