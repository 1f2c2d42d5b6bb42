import RecurContainers
import RecurModel
import RecurTensors

/// Makes a model of a graph of TensorFlow 1: every node that the outputs need becomes operators of a
/// model, and loops over timesteps become recurrent layers.
struct GraphModelReader {
  /// The nodes of one frame, and what they are.
  struct Scope {
    var builder: GraphBuilder
    var values: [Name: [NodeValue]] = [:]
    /// The loop whose round is read; nil outside of loops.
    var round: RoundReading?
  }

  let graph: GraphMessage
  let frames: GraphFrames
  /// The variables by their names; a frozen graph has constants instead.
  let variables: TensorTable
  let limits: DecodeLimits
  /// Values of placeholders, as they are given with the file.
  let settings: [(name: String, value: String)]
  /// How free extents of placeholders are named.
  let naming: GraphExtentNaming
  /// The constants and variables that the model has.
  private(set) var used: Set<Name> = []

  init(
    _ graph: GraphMessage, variables: TensorTable, settings: [(name: String, value: String)],
    naming: GraphExtentNaming, limits: DecodeLimits
  ) throws(CheckpointError) {
    self.graph = graph
    frames = try GraphFrames(graph)
    self.variables = variables
    self.settings = settings
    self.naming = naming
    self.limits = limits
  }

  // MARK: the model

  /// The model in canonical form.
  ///
  /// `outputs` are names of values; without them, everything that no other node reads is put out.
  ///
  /// - Throws: `graph.unsupported` for what is not supported, with the node; `tensorflow.graph.invalid`.
  mutating func model(
    named name: String, outputs given: [String]?
  ) throws(CheckpointError) -> Model {
    let names: [String]
    if let given { names = given } else { names = try ends() }
    for name in names where frames.nodes[Name(GraphOperator.node(name))] == nil {
      throw CheckpointError(
        .graphUnsupported, "the graph has no node '\(GraphOperator.node(name))'",
        found: suggestion(for: name, among: graph.nodes.map(\.name)).map { "'\($0)'" })
    }
    var scope = Scope(builder: GraphBuilder())
    try addInputs(for: names, &scope)
    try evaluate(names, &scope)
    var outputs: [Model.Value] = []
    for name in names {
      let node = frames.nodes[Name(GraphOperator.node(name))]
      scope.builder.location = node?.location ?? .init()
      scope.builder.name = GraphOperator.node(name)
      if given == nil, case .dead = read(name, scope) { continue }
      let value = try array(read(name, scope), &scope, for: name)
      // What is the same in every call is no output, unless it was asked for.
      if given == nil, value.isArray == false || value.known != nil { continue }
      guard value.isArray else {
        throw scope.builder.problem("the output '\(name)' is \(value.title)")
      }
      outputs.append(try scope.builder.computed(value))
    }
    guard !outputs.isEmpty else {
      throw CheckpointError(.graphUnsupported, "nothing in the graph is computed from its inputs")
    }
    return try scope.builder.model(named: name, producer: "TensorFlow 1", outputs: outputs)
      .canonical().namingCells(GraphOperator.layerName).validated()
  }

  /// The nodes that no other node reads, without those that no model needs.
  private func ends() throws(CheckpointError) -> [String] {
    var read: Set<Name> = []
    for node in graph.nodes {
      for input in node.dataInputs { read.insert(Name(GraphOperator.node(input))) }
    }
    let ends = graph.nodes.filter { node in
      !read.contains(Name(node.name)) && !GraphOperators.unneeded.contains(node.operation)
        && !isVariable(node)
    }
    guard !ends.isEmpty, ends.count <= 64 else {
      throw CheckpointError(
        .graphUnsupported,
        "\(ends.count) nodes of the graph are read by no other one, so what it puts "
          + "out is not known")
    }
    return ends.map(\.name)
  }

  /// Whether a node only hands on a variable or a constant.
  private func isVariable(_ node: GraphOperator) -> Bool {
    guard GraphOperators.identities.contains(node.operation) || node.operation == "ReadVariableOp",
      let input = node.dataInputs.first,
      let source = frames.nodes[Name(GraphOperator.node(input))]
    else { return false }
    return ["Const", "VariableV2", "Variable", "VarHandleOp"].contains(source.operation)
  }

  // MARK: nodes

  /// The value of this name, which was evaluated before.
  func read(_ name: String, _ scope: Scope) -> NodeValue {
    let (node, output) = (GraphOperator.node(name), GraphOperator.output(name))
    guard let values = scope.values[Name(node)] else { return .value(.nothing) }
    // Nothing comes out of a node of the other branch, whatever the number of its outputs.
    if case .dead? = values.first, values.count == 1 { return .dead }
    guard values.indices.contains(output) else { return .value(.nothing) }
    return values[output]
  }

  /// Evaluates the nodes of these values and everything that they read.
  ///
  /// - Throws: `graph.unsupported`, `tensorflow.graph.invalid`.
  mutating func evaluate(_ names: [String], _ scope: inout Scope) throws(CheckpointError) {
    for name in try order(names, scope) {
      guard let node = frames.nodes[Name(name)], scope.values[Name(name)] == nil else { continue }
      scope.builder.location = node.location
      scope.builder.name = node.name
      if let exit = frames.exit(node) {
        try repeatRounds(exit.frame, &scope)
        continue
      }
      scope.values[Name(name)] = try results(of: node, &scope)
    }
  }

  /// The nodes that these values need, each behind those that it reads.
  func order(_ names: [String], _ scope: Scope) throws(CheckpointError) -> [String] {
    enum Mark { case open, done }
    var (marks, ordered): ([Name: Mark], [String]) = ([:], [])
    var stack: [(name: String, isLeft: Bool)] = names.reversed().map {
      (GraphOperator.node($0), false)
    }
    while let (name, isLeft) = stack.popLast() {
      let key = Name(name)
      if isLeft {
        marks[key] = .done
        ordered.append(name)
        continue
      }
      guard scope.values[key] == nil, marks[key] != .done else { continue }
      guard let node = frames.nodes[key] else {
        throw CheckpointError(
          .tensorFlowGraphInvalid, "a node reads '\(name)', which the graph does not have")
      }
      guard marks[key] == nil else {
        throw CheckpointError(
          .tensorFlowGraphInvalid, "the node '\(name)' reads itself", at: node.location)
      }
      marks[key] = .open
      stack.append((name, true))
      for input in try needed(by: node, in: scope).reversed() {
        let own = GraphOperator.node(input)
        if marks[Name(own)] != .done { stack.append((own, false)) }
      }
    }
    return ordered
  }

  /// What a node reads before it can be evaluated.
  private func needed(by node: GraphOperator, in scope: Scope) throws(CheckpointError) -> [String] {
    if let exit = frames.exit(node) { return try outside(of: exit.frame) }
    switch node.operation {
    case "Placeholder", "PlaceholderV2", "Const", "VariableV2", "Variable", "VarHandleOp": return []
    case "PlaceholderWithDefault":
      return settings.contains { $0.name == node.name } ? [] : node.dataInputs
    default: return frames.reads(node)
    }
  }

  private mutating func results(
    of node: GraphOperator, _ scope: inout Scope
  ) throws(CheckpointError) -> [NodeValue] {
    let inputs = node.dataInputs.map { read($0, scope) }
    if let merged = merged(node, inputs) { return [merged] }
    if inputs.contains(where: { if case .dead = $0 { true } else { false } }) {
      return [.dead]
    }
    if let own = try special(node, inputs, &scope) { return own }
    guard let row = GraphOperators.table[node.operation] else {
      throw scope.builder.problem(
        "the operator \(node.operation) of '\(node.name)' is not supported")
    }
    var values: [GraphValue] = []
    for (index, input) in inputs.enumerated() {
      values.append(try array(input, &scope, for: node.dataInputs[index]))
    }
    let call = OperatorCall(node: node, inputs: values)
    return try row.apply(call, &scope.builder).map { .value($0) }
  }

  /// A value of the model.
  ///
  /// - Throws: `graph.unsupported` for what is none.
  func array(
    _ value: NodeValue, _ scope: inout Scope, for name: String
  ) throws(CheckpointError) -> GraphValue {
    switch value {
    case .value(.text(let placeholder)) where frames.nodes[Name(placeholder)] != nil:
      throw scope.builder.problem(
        "'\(scope.builder.name)' computes with the placeholder '\(placeholder)', one number that is the "
          + "same in every call",
        hint:
          "give it a value: for what dropout keeps it is 1, for whether a model is trained False")
    case .value(let own): return own
    case .reversed(let source, lengths: nil, let axis):
      return try scope.builder.sliced(source, axis: axis, from: nil, to: nil, step: -1)
    default:
      throw scope.builder.problem(
        "'\(scope.builder.name)' reads '\(name)', \(value.title) as an array")
    }
  }

  /// What came out of the branch that is taken; nil for other nodes.
  private func merged(_ node: GraphOperator, _ inputs: [NodeValue]) -> NodeValue? {
    guard node.operation == "Merge" || node.operation == "RefMerge" else { return nil }
    return inputs.first { if case .dead = $0 { false } else { true } } ?? .dead
  }

  /// Notes that the model has a constant or a variable.
  mutating func use(_ name: String) { used.insert(Name(name)) }
}
