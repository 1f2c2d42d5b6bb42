import RecurModel
import RecurTensors

/// Makes a model of a file: every node becomes operators of a model.
struct ONNXModelReader {
  let file: ONNXModel
  let files: ONNXExternalFiles
  var builder: GraphBuilder
  /// What is odd about the file, without being wrong.
  var notes: [Diagnostic] = []
  /// The body of a loop that is read as one timestep; nil outside of such bodies.
  var raising: RaisedBody?
  private let functions: [String: ONNXFunction]
  /// Extents that the file calls free, and that have one value in every call all the same.
  let fixed: [String: Int]
  /// One more such extent, which an operator demands.
  private(set) var demanded: (name: String, value: Int)?

  init(
    _ file: ONNXModel, files: ONNXExternalFiles, limits: GraphLimits, fixed: [String: Int] = [:]
  ) {
    self.file = file
    self.fixed = fixed
    self.files = files
    builder = GraphBuilder(limits: limits)
    functions = Dictionary(
      file.functions.map { ("\($0.domain) \($0.name)", $0) }, uniquingKeysWith: { one, _ in one })
  }

  /// The values and the operators that nodes see.
  struct Scope {
    var values: [Name: GraphValue] = [:]
    /// The versions of the sets of operators.
    var operatorSets: [String: Int]
    /// The attributes of the call, in a function.
    var attributes: [String: ONNXAttribute.Value] = [:]
    /// The functions around the nodes.
    var callers: [String] = []
    /// How deeply graphs lie inside each other here.
    var depth = 0
  }

  /// The model of a file, with what is odd about the file.
  ///
  /// Exporters write numbers of the timesteps into operators and declare any number of them: such an
  /// extent is read as the number.
  ///
  /// - Throws: see ``model(named:)``.
  static func model(
    of file: ONNXModel, named name: String, files: ONNXExternalFiles
  ) throws(CheckpointError) -> (model: Model, notes: [Diagnostic]) {
    var fixed: [String: Int] = [:]
    while true {
      var reader = ONNXModelReader(file, files: files, limits: GraphLimits(), fixed: fixed)
      do throws(CheckpointError) {
        let model = try reader.model(named: name)
        reader.noteFixed()
        return (model, reader.notes)
      } catch {
        guard let demanded = reader.demanded, fixed[demanded.name] == nil, fixed.count < 4 else {
          throw error
        }
        fixed[demanded.name] = demanded.value
      }
    }
  }

  /// The model in canonical form.
  ///
  /// - Throws: `graph.unsupported` for what is not supported, with the node, `onnx.invalid`, and
  ///   everything that is wrong with the weights.
  mutating func model(named name: String) throws(CheckpointError) -> Model {
    let graph = file.graph
    var scope = Scope(operatorSets: file.operatorSets)
    if let sparse = graph.sparse {
      throw CheckpointError(.graphUnsupported, "sparse weights are not supported", at: sparse)
    }
    try bindWeights(graph, in: &scope)
    try bindInputs(in: &scope)
    note()
    let needed = try read(graph.nodes, results: graph.outputs.map(\.name), in: &scope)
    noteUnused(needed)
    var outputs: [Model.Value] = []
    for output in graph.outputs {
      builder.location = output.location
      builder.name = output.name.isEmpty ? "output" : output.name
      guard let value = scope.values[Name(output.name)] else {
        throw ONNXModel.invalid(
          "the output '\(output.name)' is computed by no node", output.location)
      }
      outputs.append(try builder.computed(ONNXRange.array(value, &builder)))
    }
    guard !outputs.isEmpty else {
      throw ONNXModel.invalid("the graph has no outputs", .init(object: graph.name))
    }
    let producer = [file.producer, file.producerVersion].filter { !$0.isEmpty }
    return try builder.model(
      named: name, producer: producer.joined(separator: " "), outputs: outputs
    ).canonical().validated()
  }

  // MARK: nodes

  /// Reads the nodes that the results need.
  ///
  /// - Returns: the names of all values that are needed.
  @discardableResult mutating func read(
    _ nodes: [ONNXNode], results: [String], in scope: inout Scope
  ) throws(CheckpointError) -> Set<Name> {
    var needed = Set(results.map { Name($0) })
    var used = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated().reversed()
    where node.outputs.contains(where: { !$0.isEmpty && needed.contains(Name($0)) }) {
      used[index] = true
      needed.formUnion(node.reads.map { Name($0) })
    }
    for (index, node) in nodes.enumerated() where used[index] {
      builder.location = node.location
      builder.name = node.layerName
      let values = try self.results(of: node, in: scope)
      for (output, name) in node.outputs.enumerated() where !name.isEmpty {
        scope.values[Name(name)] = values.indices.contains(output) ? values[output] : .nothing
      }
    }
    return needed
  }

  private mutating func results(
    of node: ONNXNode, in scope: Scope
  ) throws(CheckpointError) -> [GraphValue] {
    var inputs: [GraphValue] = []
    for name in node.inputs {
      if name.isEmpty {
        inputs.append(.nothing)
      } else if let value = scope.values[Name(name)] {
        inputs.append(value)
      } else if let weight = file.graph.initializers.first(where: { $0.name == name }) {
        throw builder.problem(
          "\(node.title) reads '\(name)', whose elements are of type \(weight.typeName)")
      } else {
        throw ONNXModel.invalid(
          "\(node.title) reads '\(name)', which nothing computes before it", node.location)
      }
    }
    if let timestep = try timestep(node, inputs) { return [timestep] }
    // Inputs that are left out at the end count for nothing.
    while case .nothing? = inputs.last { inputs.removeLast() }
    var attributes: [String: ONNXAttribute.Value] = [:]
    for attribute in node.attributes {
      if case .reference(let name) = attribute.value {
        attributes[attribute.name] = scope.attributes[name]
      } else {
        attributes[attribute.name] = attribute.value
      }
    }
    if let function = functions["\(node.domain) \(node.type)"],
      ONNXOperators.table["\(node.domain) \(node.type)"] == nil
    {
      return try inlined(function, node, inputs, attributes, in: scope)
    }
    let domain = node.domain == "ai.onnx" ? "" : node.domain
    let call = ONNXCall(
      node: node, inputs: try withTensors(inputs, node, attributes),
      version: scope.operatorSets[domain] ?? 1, attributes: attributes)
    switch (domain, node.type) {
    case ("", "If"): return try branch(call, in: scope)
    case ("", "Loop"):
      if let raised = try raisedLoop(call, in: scope) { return raised }
      return try loop(call, in: scope)
    case ("", "Scan"):
      if let raised = try raisedScan(call, in: scope) { return raised }
      return try scan(call, in: scope)
    default:
      do throws(CheckpointError) {
        return try ONNXOperators.results(call, &builder)
      } catch {
        demanded = demanded ?? fixedExtent(call)
        throw error
      }
    }
  }

  /// The free extent of an input for which a Reshape has a number.
  private func fixedExtent(_ call: ONNXCall) -> (name: String, value: Int)? {
    guard call.node.type == "Reshape", let target = GraphSizes(call[1]),
      let shape = builder.shape(call[0])
    else { return nil }
    for (extent, wanted) in zip(shape, target.elements) where extent != wanted {
      guard let value = wanted.value, value > 0 else { return nil }
      let isDeclared = file.graph.inputs.contains { input in
        input.shape?.contains { if case .named(extent.description) = $0 { true } else { false } }
          ?? false
      }
      return isDeclared ? (extent.description, value) : nil
    }
    return nil
  }

  /// The inputs, and the tensor of an attribute as another one.
  private func withTensors(
    _ inputs: [GraphValue], _ node: ONNXNode, _ attributes: [String: ONNXAttribute.Value]
  ) throws(CheckpointError) -> [GraphValue] {
    guard node.domain.isEmpty, ["Constant", "ConstantOfShape"].contains(node.type),
      case .tensor(let tensor)? = attributes["value"]
    else { return inputs }
    let name = node.outputs.first ?? ""
    return inputs + [.known(KnownArray(try tensor.tensor(files), name: name))]
  }

  // MARK: graphs in nodes

  /// The branch that a known condition chooses.
  private mutating func branch(
    _ call: ONNXCall, in scope: Scope
  ) throws(CheckpointError) -> [GraphValue] {
    guard let condition = call[0].double else {
      throw call.problem(
        "chooses by \(call[0].title), which is not the same in every call", builder,
        expected: "a condition of constants and known extents")
    }
    let name = condition != 0 ? "then_branch" : "else_branch"
    guard case .graph(let graph)? = call.attributes[name] else {
      throw ONNXModel.invalid("If has no '\(name)'", call.node.location)
    }
    var inner = scope
    inner.depth += 1
    try bindWeights(graph, in: &inner)
    try read(graph.nodes, results: graph.outputs.map(\.name), in: &inner)
    return graph.outputs.map { inner.values[Name($0.name)] ?? .nothing }
  }

  /// The nodes of a function in place of a call.
  private mutating func inlined(
    _ function: ONNXFunction, _ node: ONNXNode, _ inputs: [GraphValue],
    _ attributes: [String: ONNXAttribute.Value], in scope: Scope
  ) throws(CheckpointError) -> [GraphValue] {
    let key = "\(function.domain) \(function.name)"
    guard !scope.callers.contains(key), scope.callers.count < 32 else {
      throw ONNXModel.invalid(
        "the function '\(function.name)' calls itself, or calls lie too deep", node.location)
    }
    var inner = Scope(
      operatorSets: function.operatorSets.isEmpty ? scope.operatorSets : function.operatorSets,
      callers: scope.callers + [key], depth: scope.depth + 1)
    for attribute in function.defaults { inner.attributes[attribute.name] = attribute.value }
    for (name, value) in attributes { inner.attributes[name] = value }
    guard inputs.count <= function.inputs.count else {
      throw ONNXModel.invalid(
        "the function '\(function.name)' has \(function.inputs.count) inputs and gets "
          + "\(inputs.count)", node.location)
    }
    for (index, name) in function.inputs.enumerated() {
      inner.values[Name(name)] = inputs.indices.contains(index) ? inputs[index] : .nothing
    }
    try read(function.nodes, results: function.outputs, in: &inner)
    return function.outputs.map { inner.values[Name($0)] ?? .nothing }
  }
}
