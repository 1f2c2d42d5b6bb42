package import RecurTensors

extension Model {
  /// The model as one that keeps states between calls.
  ///
  /// - Parameter states: inputs that are states. The last outputs of the model are the states for the
  ///   next call, one per name, in order.
  /// - Returns: the model without these inputs and outputs; its recurrent layers keep their states.
  /// - Throws: `graph.unsupported` for a state that is not the state of a recurrent layer.
  package func keepingStates(_ states: [String]) throws(CheckpointError) -> Model {
    guard !states.isEmpty else { return self }
    var copy = self
    let next = outputs.suffix(states.count)
    copy.outputs.removeLast(states.count)
    copy.inputs.removeAll { states.contains($0) }
    var kept: [Name: Set<Int>] = [:]
    for (state, value) in zip(states, next) {
      for (node, index) in try layers(from: state, to: value) {
        kept[Name(node.name), default: []].insert(index)
      }
    }
    for index in copy.nodes.indices {
      let node = copy.nodes[index]
      guard let indices = kept[Name(node.name)] else { continue }
      guard indices.count == node.layer.stateSizes.count else {
        throw problem(node, "keeps only some of its states")
      }
      copy.nodes[index].initialState = []
      copy.nodes[index].layer = node.layer.mappingRecurrents { (recurrent) throws(Never) in
        var own = recurrent
        own.isStateful = true
        return own
      }
    }
    let result = copy.withoutUnusedNodes()
    if let node = result.nodes.first(where: { states.contains($0.name) }) {
      throw problem(node, "is read by more than a recurrent layer")
    }
    return result.rewritten(UnusedStates.rewrite).model
  }

  /// The recurrent nodes that begin with a state and end with its next value, and which of their
  /// states it is.
  private func layers(
    from state: String, to value: Value
  ) throws(CheckpointError) -> [(node: Node, index: Int)] {
    let producers = Dictionary(
      nodes.map { (Name($0.name), $0) }, uniquingKeysWith: { one, _ in one })
    let input = producers[Name(state)] ?? nodes[0]
    let graph = rewritten { node, graph in graph.keep(node) }.graph
    /// The parts of a stack of states, or one state with axes of extent 1 more.
    func parts(_ value: Value) -> [Value] {
      let own = graph.beforeUnitAxes(value)
      guard let node = producers[Name(own.node)], case .merge(.stack(axis: 0)) = node.layer else {
        return [own]
      }
      return node.inputs.map { graph.beforeUnitAxes($0) }
    }
    /// Whether a value is the given part of the state.
    func isPart(_ value: Value, _ index: Int) -> Bool {
      let own = graph.beforeUnitAxes(value)
      if own == Value(state) { return index == 0 }
      guard let node = producers[Name(own.node)], node.inputs == [Value(state)],
        case .selection(let selection) = node.layer
      else { return false }
      return selection == Selection(axis: 0, index: index)
    }
    var found: [(Node, Int)] = []
    for (index, part) in parts(value).enumerated() {
      let node = producers[Name(part.node)]
      let first = node.map { $0.layer.outputCount - $0.layer.stateSizes.count } ?? 0
      guard let node, !node.layer.recurrents.isEmpty, part.output >= first,
        node.initialState.indices.contains(part.output - first),
        isPart(node.initialState[part.output - first], index)
      else { throw problem(input, "is not the state of a recurrent layer") }
      found.append((node, part.output - first))
    }
    return found
  }

  private func problem(_ node: Node, _ reason: String) -> CheckpointError {
    CheckpointError(
      .graphUnsupported, "the state '\(node.name)' can't be kept between calls: it \(reason)",
      at: node.location,
      hint: "give the state as an argument and return the next one")
  }
}
