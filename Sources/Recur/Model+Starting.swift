import RecurFormats
public import RecurModel
import RecurTensors

extension Model {
  /// The same model from a layer on: what the layer reads becomes an input of the model, and what is
  /// before it is left out.
  ///
  /// For models that begin with text: behind the layers that make tokens of it, the model begins with
  /// the tokens.
  /// - Parameter layer: the name of a layer, as ``Node/layerName`` has it.
  /// - Returns: the model, validated.
  /// - Throws: `model.layer.unknown` when no layer has the name, `model.start.shape` when nothing says the
  ///   shape of what the layer reads.
  public func starting(at layer: String) throws(CheckpointError) -> Model {
    try starting(at: layer, in: nil).model
  }

  /// The same, with what was left out; itself without a layer.
  func starting(
    at layer: String?, in file: String?
  ) throws(CheckpointError) -> (model: Model, left: LeftOutLayers) {
    guard let layer else { return (self, LeftOutLayers()) }
    let starts = nodes.filter { Name($0.layerName) == Name(layer) || Name($0.name) == Name(layer) }
    guard !starts.isEmpty else {
      let known = nodes.filter { !$0.inputs.isEmpty }.map(\.layerName)
      throw CheckpointError(
        .modelLayerUnknown, "no layer of the model is called '\(layer)'", at: .init(file: file),
        expected: "one of " + known.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
          + (known.count > 12 ? ", … (\(known.count))" : ""), found: "'\(layer)'",
        hint: suggestion(for: layer, among: known).map { "did you mean '\($0)'?" })
    }
    var start = ModelStart(self)
    for node in starts { try start.cut(before: node) }
    let model = try start.model().validated()
    return (model, LeftOutLayers(of: self, comparedWith: model, startingAt: layer, file))
  }
}

/// A model while inputs are put before some of its nodes.
private struct ModelStart {
  private let whole: Model
  private let shapes: ModelShapes
  private var added: [Model.Node] = []
  private var replacements: [Model.Value: Model.Value] = [:]

  init(_ model: Model) {
    whole = model
    shapes = ModelShapes(model)
  }

  /// Makes inputs of the values that a node reads, unless they are inputs of numbers already.
  mutating func cut(before node: Model.Node) throws(CheckpointError) {
    for value in node.inputs where replacements[value] == nil {
      let source = whole.node(value.node)?.layer
      if case .input(let input)? = source, !input.isText, input.text == nil { continue }
      let number = replacements.isEmpty ? "" : "_\(replacements.count)"
      let name = "\(node.layerName)_input\(number)"
      added.append(
        Model.Node(
          name: name, layerName: name, layer: .input(try input(value, source, node)), inputs: [],
          location: node.location))
      replacements[value] = Model.Value(name)
    }
  }

  private func input(
    _ value: Model.Value, _ source: Layer?, _ node: Model.Node
  ) throws(CheckpointError) -> Input {
    let readsTokens = node.layer.traits.readsTokens
    var declared: [Int?]?
    if case .opaque(let layer)? = source { declared = layer.declaredShape }
    let known = shapes[value].map { shape in shape.map(\.value) }
    let features = node.layer.recurrents.first?.cell.inputSize
    let usual: [Int?]? =
      readsTokens ? [nil, nil] : features.map { [nil, nil, $0] }
    guard var shape = known ?? declared ?? usual else {
      throw CheckpointError(
        .modelStartShape, "nothing says the shape of what '\(node.layerName)' reads",
        at: node.location, hint: "begin at a layer that says it: an Embedding, or a recurrent layer"
      )
    }
    if !shape.isEmpty { shape[0] = nil }
    return Input(
      shape: shape, elementType: readsTokens ? .int64 : .float32, acceptsOtherTypes: true)
  }

  /// The model with the inputs in place of what was cut off, and without what nothing reads any more.
  func model() -> Model {
    func replaced(_ value: Model.Value) -> Model.Value { replacements[value] ?? value }
    var copy = whole
    copy.nodes = added + whole.nodes
    for index in copy.nodes.indices {
      copy.nodes[index].inputs = copy.nodes[index].inputs.map(replaced)
      copy.nodes[index].initialState = copy.nodes[index].initialState.map(replaced)
      copy.nodes[index].mask = copy.nodes[index].mask.map(replaced)
    }
    copy.outputs = whole.outputs.map(replaced)
    var used = Set(copy.outputs.map { Name($0.node) })
    for node in copy.nodes.reversed() where used.contains(Name(node.name)) {
      used.formUnion(node.operands.map { Name($0.node) })
    }
    copy.nodes.removeAll { !used.contains(Name($0.name)) }
    let left = whole.inputs.filter { used.contains(Name($0)) }
    // The new inputs stand where the first that is left out stood.
    let position = whole.inputs.firstIndex { !used.contains(Name($0)) } ?? left.count
    copy.inputs = left
    copy.inputs.insert(contentsOf: added.map(\.name), at: min(position, left.count))
    return copy
  }
}

/// What is before the layer at which a model begins.
struct LeftOutLayers {
  private(set) var diagnostics: [Diagnostic] = []
  private var locations: Set<Diagnostic.Location> = []

  init() {}

  init(of whole: Model, comparedWith model: Model, startingAt layer: String, _ file: String?) {
    let kept = Set(model.nodes.map { Name($0.name) })
    let left = whole.nodes.filter { !kept.contains(Name($0.name)) }
    locations = Set(left.map(\.location))
    let tensors = left.reduce(0) { $0 + $1.layer.tensors.count }
    guard !left.isEmpty else { return }
    let titles = left.map { "'\($0.layerName)' (\($0.layer.title))" }
    diagnostics = [
      Diagnostic(
        .modelStartLeftOut, tensors == 0 ? .note : .warning,
        "the model begins at '\(layer)': \(left.count) layers before it, with \(tensors) tensors, are left "
          + "out", at: .init(file: file), notes: [titles.joined(separator: ", ")])
    ]
  }

  /// Whether a finding is about a layer that was left out, which is no trouble any more.
  func answers(_ finding: Diagnostic) -> Bool {
    finding.severity != .error && finding.location.object != nil
      && locations.contains(finding.location)
  }
}

extension Diagnostic.Code {
  static let modelStartShape = Self(rawValue: "model.start.shape")
  static let modelStartLeftOut = Self(rawValue: "model.start.left-out")
}
