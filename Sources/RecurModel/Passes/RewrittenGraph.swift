import RecurTensors

/// A model while a pass writes it anew, node by node.
struct RewrittenGraph {
  /// The nodes that were written.
  private(set) var nodes: [Model.Node] = []
  /// The shapes of what was written.
  private(set) var shapes = ModelShapes()
  /// Whether anything is other than before.
  private(set) var isChanged = false
  /// The inputs that are states; nil when any input may be one.
  var knownStates: Set<Name>?
  /// Which timestep of a sequence an output of a step is, for steps that became a layer in this pass.
  var timesteps: [Model.Value: (sequence: Model.Value, index: Int)] = [:]
  private var positions: [Name: Int] = [:]
  private var replacements: [Model.Value: Model.Value] = [:]
  private var uses: [Model.Value: Int] = [:]
  /// The names that are taken, with the number for the next node of that name.
  private var names: [Name: Int] = [:]

  init(_ model: Model) {
    for node in model.nodes {
      names[Name(node.name)] = 0
      for value in node.operands { uses[value, default: 0] += 1 }
    }
    // An output of the model is used outside too.
    for value in model.outputs { uses[value, default: 0] += 1 }
  }

  /// The node with the current values as its operands.
  func current(_ node: Model.Node) -> Model.Node {
    var copy = node
    copy.inputs = node.inputs.map(value)
    copy.initialState = node.initialState.map(value)
    copy.mask = node.mask.map(value)
    return copy
  }

  /// The value that stands for a value of the model before.
  func value(_ value: Model.Value) -> Model.Value { replacements[value] ?? value }

  /// The written node that computes a value.
  func producer(_ value: Model.Value) -> Model.Node? {
    positions[Name(value.node)].map { nodes[$0] }
  }

  /// Whether nothing but one operand of one node reads a value.
  func isUsedOnce(_ value: Model.Value) -> Bool { uses[value] == 1 }

  /// Whether anything reads a value.
  func isUsed(_ value: Model.Value) -> Bool { uses[value] ?? 0 > 0 }

  /// Writes a node as it is.
  mutating func keep(_ node: Model.Node) {
    positions[Name(node.name)] = nodes.count
    nodes.append(node)
    shapes.add(node)
  }

  /// Writes a changed node of the same outputs.
  mutating func change(_ node: Model.Node) {
    isChanged = true
    keep(node)
  }

  /// Lets another value stand for an output of a node, which is not written.
  mutating func replace(_ old: Model.Value, with new: Model.Value) {
    isChanged = true
    replacements[old] = new
    uses[new, default: 0] += (uses[old] ?? 0) - 1
  }

  /// Lets another value stand for an output of a node, and for all that it stands for.
  mutating func replaceAll(_ old: Model.Value, with new: Model.Value) {
    for (value, current) in replacements where current == old { replacements[value] = new }
    replace(old, with: new)
  }

  /// Writes layers one after the other, in place of a node of one output.
  ///
  /// - Parameters:
  ///   - layers: the layers; the last one gets the node's name.
  ///   - inputs: the inputs of the first one.
  ///   - node: the node.
  mutating func write(_ layers: [Layer], _ inputs: [Model.Value], for node: Model.Node) {
    isChanged = true
    guard !layers.isEmpty else { return replace(Model.Value(node.name), with: inputs[0]) }
    var inputs = inputs
    for (index, layer) in layers.enumerated() {
      var own = node
      own.layer = layer
      own.inputs = inputs
      if index < layers.count - 1 {
        own.name = unique("\(node.name).\(index)")
        own.layerName = own.name
        own.place = nil
        uses[Model.Value(own.name)] = 1
      }
      keep(own)
      inputs = [Model.Value(own.name)]
    }
  }

  /// Writes a node, and layers behind it that change what is read instead of its output.
  mutating func change(_ node: Model.Node, followedBy layers: [Layer]) {
    change(node)
    let own = Model.Value(node.name)
    let readers = uses[own] ?? 0
    var value = own
    for layer in layers {
      uses[value] = 1
      var next = Model.Node(
        name: unique("\(node.name).order"), layerName: "", layer: layer, inputs: [value],
        precision: node.precision, location: node.location)
      next.layerName = next.name
      keep(next)
      value = Model.Value(next.name)
    }
    guard value != own else { return }
    uses[value] = readers
    replacements[own] = value
  }

  /// A name that no node has.
  mutating func unique(_ name: String) -> String {
    var (result, count) = (name, names[Name(name)] ?? 0)
    while names[Name(result)] != nil {
      count += 1
      result = "\(name)_\(count)"
    }
    names[Name(name)] = count
    names[Name(result)] = names[Name(result)] ?? 0
    return result
  }

  /// The model with the written nodes, without those that nothing reads.
  func model(_ model: Model) -> Model {
    var copy = model
    copy.outputs = model.outputs.map(value)
    copy.nodes = nodes
    return copy.withoutUnusedNodes()
  }
}

extension Model {
  /// The model without nodes whose outputs nothing reads; inputs stay.
  package func withoutUnusedNodes() -> Model {
    var used = Set(outputs.map { Name($0.node) }).union(inputs.map { Name($0) })
    var kept: [Node] = []
    for node in nodes.reversed() where used.contains(Name(node.name)) {
      kept.append(node)
      used.formUnion(node.operands.map { Name($0.node) })
    }
    var copy = self
    copy.nodes = kept.reversed()
    return copy
  }

  /// The model after a pass over its nodes; `states` are the inputs that are states, if it is known.
  func rewritten(
    _ pass: (Node, inout RewrittenGraph) -> Void, states: Set<Name>? = nil
  ) -> (model: Model, isChanged: Bool, graph: RewrittenGraph) {
    var graph = RewrittenGraph(self)
    graph.knownStates = states
    for node in nodes { pass(graph.current(node), &graph) }
    return (graph.model(self), graph.isChanged, graph)
  }
}
