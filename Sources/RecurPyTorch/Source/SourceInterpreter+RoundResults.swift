import RecurModel
import RecurTensors

// The layers that a loop is, whose timestep was read as a graph of its own.
extension SourceInterpreter {
  /// Adds the layers that the loop is.
  mutating func results(
    _ own: SourceRound, _ next: [GraphValue?], _ wanted: [GraphValue], optional: [GraphValue]
  ) throws(SourceStop) -> SourceRoundResult {
    let read = Set(builder.nodes.flatMap(\.operands).map(\.node))
    var outputs: [Model.Value] = []
    for value in wanted {
      guard case .computed(let array) = value, builder.shape(value) != nil else {
        throw problem("every timestep puts out the same array")
      }
      outputs.append(array)
    }
    var used: [(index: Int, next: Model.Value)] = []
    for (index, state) in own.states.enumerated()
    where read.contains(state.input) || outputs.contains(Model.Value(state.input)) {
      guard case .computed(let value)? = next[index], builder.shape(.computed(value)) != nil else {
        throw problem("a state of a loop over timesteps becomes no array", code: .graphUnsupported)
      }
      used.append((index, value))
    }
    let graph = SourceRoundGraph(
      builder.nodes, states: own.states.map(\.input), next: used.map(\.next))
    var more: [Model.Value] = []
    for case .computed(let value) in optional where builder.shape(.computed(value)) != nil {
      let isKnown =
        outputs.contains(value) || more.contains(value)
        || used.contains { $0.next == value || own.states[$0.index].input == value.node }
      if !isKnown, !graph.dependsOnStates(value) { more.append(value) }
    }
    let inner = builder
    builder = own.around
    round = nil
    for further in [more] + more.map({ [$0] }) {
      var copy = self
      if let result = try? copy.add(own, inner, graph, used, outputs + further) {
        self = copy
        return result
      }
    }
    return try add(own, inner, graph, used, outputs)
  }

  private mutating func add(
    _ own: SourceRound, _ inner: GraphBuilder, _ graph: SourceRoundGraph,
    _ used: [(index: Int, next: Model.Value)], _ outputs: [Model.Value]
  ) throws(SourceStop) -> SourceRoundResult {
    let peeled = outputs.map { graph.withoutInsertedAxes($0) }
    var loop = LoopRound(
      model: inner.model(
        named: "timestep", producer: "", outputs: peeled.map(\.value) + used.map(\.next)),
      sequences: own.sequences, states: used.map { own.states[$0.index] },
      outputCount: outputs.count)
    loop.layerName = { name in String(name.drop { $0 == Dimension.openMark }) }
    let made = loop
    let (sequences, states) = try self.graph { builder throws(CheckpointError) in
      try builder.repeated(made)
    }
    var result = SourceRoundResult()
    for (index, value) in outputs.enumerated() {
      var sequence = sequences[index]
      for axis in peeled[index].axes {
        sequence = try self.graph { [sequence] builder throws(CheckpointError) in
          axis == 0
            ? try builder.insertingAxis(builder.transposed(sequence, 0, 1), 0)
            : try builder.insertingAxis(sequence, axis + 1)
        }
      }
      result.sequences[value] = sequence
    }
    for (index, state) in used.enumerated() { result.finals[state.next] = states[index] }
    return result
  }

  /// A value of one timestep as that of all timesteps.
  func whole(
    _ value: SourceValue, _ result: SourceRoundResult
  ) throws(SourceStop) -> SourceValue {
    switch value {
    case .plain(.computed(let own)):
      guard let sequence = result.sequences[own] else {
        throw problem("a value of a timestep is not known")
      }
      return .step(SourceStep(sequence: sequence))
    case .tuple(let all):
      return .tuple(try all.map { own throws(SourceStop) in try whole(own, result) })
    default: throw problem("every timestep puts out \(value.title)")
    }
  }

  /// The value that a name has behind the loop.
  mutating func behind(
    _ value: SourceValue, _ result: SourceRoundResult, _ own: SourceRound
  ) -> SourceValue {
    switch value {
    case .plain(let array):
      guard case .computed(let value) = array else { return .plain(array) }
      if let final = result.finals[value] { return .plain(final) }
      if let sequence = result.sequences[value] {
        return (try? last(SourceStep(sequence: sequence))).map { .plain($0) }
          ?? unknown("the last value of a loop over timesteps")
      }
      if let index = own.state(array) { return .plain(own.states[index].first) }
      return builder.shape(array) != nil
        ? .plain(array) : unknown("a value of a single timestep of a loop")
    case .tuple(let all): return .tuple(all.map { behind($0, result, own) })
    case .list(let list):
      list.elements = list.elements.map { behind($0, result, own) }
      return value
    case .timestep: return unknown("the number of a timestep")
    default: return value
    }
  }
}
