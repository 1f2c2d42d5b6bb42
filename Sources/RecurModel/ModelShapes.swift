public import RecurTensors

/// The shape of every output of every node, inferred without running the model.
public struct ModelShapes: Sendable {
  /// The output shapes by node name; empty for nodes whose shapes could not be inferred.
  private var shapes: [Name: [[Dimension]]] = [:]
  /// All shape mismatches.
  public private(set) var findings: [Diagnostic] = []

  /// The output shapes of node `name`.
  public subscript(name: String) -> [[Dimension]] { shapes[Name(name)] ?? [] }

  /// Infers shapes; `inputShapes` (one per model input, or one per required input) replace the
  /// declared shapes.
  public init(_ model: Model, inputShapes: [[Dimension]]? = nil) {
    let names = inputShapes.map { model.inputs(given: $0.count) } ?? model.inputs
    let hasSeveralInputs = model.requiredInputs.count > 1
    for node in model.nodes {
      let position = names.firstIndex { Name($0) == Name(node.name) }
      let given = position.flatMap { position in
        inputShapes.flatMap { $0.indices.contains(position) ? $0[position] : nil }
      }
      infer(node, given: given, hasSeveralInputs: hasSeveralInputs)
    }
  }

  /// Shapes of no nodes yet, for a reader that adds nodes one by one.
  package init() {}

  /// Infers the shapes of one more node; the nodes that it reads were added before.
  package mutating func add(_ node: Model.Node) {
    infer(node, given: nil, hasSeveralInputs: false)
  }

  /// The shape of one output, or nil when it could not be inferred.
  package subscript(value: Model.Value) -> [Dimension]? {
    let outputs = self[value.node]
    return outputs.indices.contains(value.output) ? outputs[value.output] : nil
  }

  private mutating func infer(
    _ node: Model.Node, given: [Dimension]?, hasSeveralInputs: Bool
  ) {
    if case .input(let input) = node.layer {
      shapes[Name(node.name)] = [inputShape(node, input, given, hasSeveralInputs)]
      return
    }
    // A missing input shape was reported at the node that should have it.
    var inputs: [[Dimension]] = []
    for value in node.inputs {
      guard let shape = self[value] else { return }
      inputs.append(shape)
    }
    // The wrong number of inputs is reported by ``Model/findings()``.
    guard !inputs.isEmpty, node.layer.inputCount.contains(inputs.count) else { return }
    if let mask = node.mask, inputs[0].count >= 2 {
      guard check(mask, Array(inputs[0].prefix(2)), node, "the mask") else { return }
    }
    for (state, size) in zip(node.initialState, node.layer.stateSizes) {
      guard check(state, [inputs[0][0], .fixed(size)], node, "the initial state") else { return }
    }
    do throws(ShapeProblem) {
      let outputs = try node.layer.outputShapes(inputs, named: node.layerName)
      // The limit keeps later arithmetic on sizes from overflowing.
      guard outputs.allSatisfy({ $0.allSatisfy { $0.value ?? 0 <= 1 << 40 } }) else {
        throw ShapeProblem(expected: "sizes of at most 2^40")
      }
      shapes[Name(node.name)] = outputs
    } catch {
      findings.append(
        Diagnostic(
          .shapeMismatch, .error,
          "\(node.layer.title) '\(node.layerName)' can't take "
            + inputs.map(text).joined(separator: " and "),
          at: node.location, expected: error.expected,
          found: inputs.map(text).joined(separator: ", ")
        ))
    }
  }

  /// Checks that a value has the shape that a layer needs; a value of unknown shape passes.
  private mutating func check(
    _ value: Model.Value, _ wanted: [Dimension], _ node: Model.Node, _ what: String
  ) -> Bool {
    guard let shape = self[value] else { return true }
    let fits = shape.count == wanted.count && zip(shape, wanted).allSatisfy { $0.agrees(with: $1) }
    if !fits {
      report(
        node, "\(what) of '\(node.layerName)' has the wrong shape", expected: text(wanted),
        found: text(shape))
    }
    return fits
  }

  /// The declared shape with names for its free extents, checked against the given shape.
  private mutating func inputShape(
    _ node: Model.Node, _ input: Input, _ given: [Dimension]?, _ hasSeveralInputs: Bool
  ) -> [Dimension] {
    let declared = input.dimensions(of: node.name, hasSeveralInputs: hasSeveralInputs)
    guard let given else { return declared }
    let fits =
      given.count == declared.count && zip(given, declared).allSatisfy { $0.agrees(with: $1) }
    if !fits {
      report(
        node, "input '\(node.name)' can't take \(text(given))", expected: text(declared),
        found: text(given))
    }
    return given
  }

  private mutating func report(
    _ node: Model.Node, _ message: String, expected: String, found: String
  ) {
    findings.append(
      Diagnostic(
        .shapeMismatch, .error, message, at: node.location, expected: expected, found: found))
  }
}

extension Input {
  /// The declared shape with names for its free extents; with several inputs, each input's
  /// timesteps have their own name.
  package func dimensions(of name: String, hasSeveralInputs: Bool) -> [Dimension] {
    shape.enumerated().map { axis, extent in
      if let extent { return .fixed(extent) }
      if axis < extentNames.count, let name = extentNames[axis] { return .free("\(name)") }
      if axis == batchAxis { return .free("batch") }
      let word = axis < 2 ? "timesteps" : "axis\(axis)"
      return hasSeveralInputs ? .free("\(word)(\(name))") : .free("\(word)")
    }
  }
}

extension Diagnostic.Code {
  /// A layer can't take the shape it is given.
  public static let shapeMismatch = Self(rawValue: "model.shape-mismatch")
}
