import RecurModel
import RecurTensors

// Loops over timesteps.
extension GraphModelReader {
  /// The nodes of a round that are given from outside: `Enter`, and what has the values of the loop.
  private func round(
    _ frame: Name
  ) throws(CheckpointError) -> (variables: [GraphFrames.LoopVariable], constants: [String]) {
    let variables = frames.variables[frame] ?? []
    var (seen, constants): (Set<Name>, [String]) = ([], [])
    var stack = variables.map { GraphOperator.node($0.next) }
    while let name = stack.popLast() {
      guard seen.insert(Name(name)).inserted, let node = frames.nodes[Name(name)] else { continue }
      if let exit = frames.exit(node) {
        stack += try outside(of: exit.frame).map(GraphOperator.node)
      } else if GraphFrames.isEnter(node.operation) {
        constants.append(name)
      } else if frames.frames[Name(name)] != frame {
        stack += frames.reads(node).map(GraphOperator.node)
      }
    }
    return (variables, constants)
  }

  /// The values from outside that a loop needs.
  func outside(of frame: Name) throws(CheckpointError) -> [String] {
    guard let variables = frames.variables[frame] else { return [] }
    // Inner loops have frames of their own, and no frame is in itself.
    var (seen, values): (Set<Name>, [String]) = ([], [])
    var stack = variables.map { GraphOperator.node($0.next) } + variables.map(\.enter)
    while let name = stack.popLast() {
      guard seen.insert(Name(name)).inserted, let node = frames.nodes[Name(name)] else { continue }
      if GraphFrames.isEnter(node.operation) {
        if node.text("frame_name").map({ Name($0) }) == frame {
          values += node.dataInputs
        } else {
          stack += frames.reads(node).map(GraphOperator.node)
        }
      } else if frames.frames[Name(name)] != frame {
        stack += frames.reads(node).map(GraphOperator.node)
      }
    }
    return values
  }

  /// Reads one round of a loop, and adds the layers that the loop is.
  mutating func repeatRounds(_ frame: Name, _ scope: inout Scope) throws(CheckpointError) {
    let (location, name) = (scope.builder.location, scope.builder.name)
    guard scope.round == nil else {
      throw scope.builder.problem("the loop '\(frame)' is in another loop")
    }
    let (variables, constants) = try round(frame)
    var inner = Scope(builder: GraphBuilder(), round: RoundReading(outer: scope.builder))
    inner.builder.location = location
    for variable in variables { try begin(variable, scope, &inner) }
    for name in constants where inner.values[Name(name)] == nil {
      guard let node = frames.nodes[Name(name)], let input = node.dataInputs.first else { continue }
      inner.values[Name(name)] = [outer(read(input, scope))]
    }
    try evaluate(variables.map(\.next), &inner)
    guard let round = inner.round, let first = round.sequences.first else {
      throw scope.builder.problem(
        "the loop '\(frame)' reads no sequence, one timestep after the other")
    }
    try check(frame, variables, first, round, &scope, inner)
    (scope.builder.location, scope.builder.name) = (location, name)
    try finish(variables, round, &scope, &inner)
  }

  /// What a value from outside is in a loop.
  private func outer(_ value: NodeValue) -> NodeValue {
    if case .value(let own) = value, case .computed = own { return .outer(own) }
    return value
  }

  /// Gives the first value of a variable of a loop to its round.
  private func begin(
    _ variable: GraphFrames.LoopVariable, _ scope: Scope, _ inner: inout Scope
  ) throws(CheckpointError) {
    guard let enter = frames.nodes[Name(variable.enter)], let source = enter.dataInputs.first else {
      return
    }
    let given = read(source, scope)
    let own: NodeValue
    if case .value(let value) = given {
      if let sizes = GraphSizes(value), sizes.isSingle {
        guard sizes.elements[0] == .fixed(0) else {
          throw scope.builder.problem("a loop counts from \(sizes.elements[0])")
        }
        own = .round
      } else {
        let shape = try scope.builder.extents(value)
        let input = try inner.builder.input(
          variable.merge, shape: shape, type: scope.builder.type(value) ?? .float32)
        guard case .computed(let node) = input else { return }
        inner.round?.states.append(
          .init(input: node.node, first: value, variable: variable))
        own = .value(input)
      }
    } else {
      own = given
    }
    inner.values[Name(variable.merge)] = [own, own]
    inner.values[Name(variable.enter)] = [own]
  }

  // MARK: nodes of a round

  /// What a node computes of the number of the round, or of what is behind the end of a sequence; nil for
  /// other nodes.
  mutating func ofRound(
    _ node: GraphOperator, _ inputs: [NodeValue], _ scope: inout Scope
  ) throws(CheckpointError) -> [NodeValue]? {
    switch (node.operation, inputs.first, inputs.dropFirst().first) {
    case ("Add", .round?, .value(let step)?), ("AddV2", .round?, .value(let step)?):
      guard step.double == 1 else {
        throw scope.builder.problem("a loop counts otherwise than by 1")
      }
      return [.round]
    case ("GreaterEqual", .round?, .outer(let lengths)?): return [.isPast(lengths)]
    case ("GreaterEqual", .round?, .value(let known)?) where known.isArray: return [.isPast(known)]
    case ("Select", .isPast(let lengths)?, .value(let otherwise)?),
      ("SelectV2", .isPast(let lengths)?, .value(let otherwise)?):
      guard inputs.count == 3, case .value(let own) = inputs[2] else { return nil }
      return [.masked(own, otherwise: otherwise, lengths: lengths)]
    default: return nil
    }
  }

  // MARK: the whole loop

  /// Checks that a loop has as many rounds as its sequences have timesteps.
  private mutating func check(
    _ frame: Name, _ variables: [GraphFrames.LoopVariable], _ first: RoundReading.ReadSequence,
    _ round: RoundReading, _ scope: inout Scope, _ inner: Scope
  ) throws(CheckpointError) {
    let extent = try scope.builder.extents(first.value)[0]
    for other in round.sequences {
      guard try scope.builder.extents(other.value)[0] == extent else {
        throw scope.builder.problem("a loop reads sequences of different lengths")
      }
    }
    var (open, isBound) = ([frames.conditions[frame] ?? ""], false)
    while let name = open.popLast() {
      guard let node = frames.nodes[Name(GraphOperator.node(name))], open.count < 8 else {
        throw scope.builder.problem("when the loop '\(frame)' ends is not known")
      }
      if node.operation == "LogicalAnd" {
        open += node.dataInputs
        continue
      }
      guard node.operation == "Less", node.dataInputs.count == 2,
        let bound = frames.nodes[Name(GraphOperator.node(node.dataInputs[1]))],
        GraphFrames.isEnter(bound.operation), let limit = bound.dataInputs.first,
        case .round? = inner.values[Name(GraphOperator.node(node.dataInputs[0]))]?.first
      else { throw scope.builder.problem("when the loop '\(frame)' ends is not known") }
      isBound =
        try reaches(limit, extent, isMasked: isMasked(round, variables, inner), &scope) || isBound
    }
    guard isBound else {
      throw scope.builder.problem("the loop '\(frame)' has another number of rounds than timesteps")
    }
  }

  /// Whether what is behind the end of sequences is told apart in a round.
  private func isMasked(
    _ round: RoundReading, _ variables: [GraphFrames.LoopVariable], _ inner: Scope
  ) -> Bool {
    variables.contains { if case .masked = read($0.next, inner) { true } else { false } }
  }

  /// Whether a bound of a loop is the number of timesteps; with masks, the longest length bounds it too.
  private mutating func reaches(
    _ limit: String, _ extent: Dimension, isMasked: Bool, _ scope: inout Scope
  ) throws(CheckpointError) -> Bool {
    guard let node = frames.nodes[Name(GraphOperator.node(limit))] else { return false }
    if isMasked, node.operation == "Minimum" {
      for input in node.dataInputs {
        if try reaches(input, extent, isMasked: false, &scope) { return true }
      }
      return false
    }
    try evaluate([limit], &scope)
    guard case .value(let value) = read(limit, scope), let own = GraphSizes(value)?.elements.first
    else { throw scope.builder.problem("a loop ends by a number that is computed") }
    // The largest number is no bound.
    guard own == extent || own == .fixed(Int(Int32.max)) else {
      throw scope.builder.problem("a loop has \(own) rounds for \(extent) timesteps")
    }
    return own == extent
  }

  /// Adds the layers, and gives the values of the last round to what is behind the loop.
  private mutating func finish(
    _ variables: [GraphFrames.LoopVariable], _ round: RoundReading, _ scope: inout Scope,
    _ inner: inout Scope
  ) throws(CheckpointError) {
    var (outputs, next): ([Model.Value], [Model.Value]) = ([], [])
    var lengths: [GraphValue] = []
    var maskedCount = 0
    func unmasked(
      _ value: NodeValue, isRight: (GraphValue) -> Bool
    ) throws(CheckpointError) -> GraphValue {
      switch value {
      case .value(let own): return own
      case .masked(let own, let otherwise, let given):
        guard isRight(otherwise) else {
          throw scope.builder.problem("what a loop gives behind the end of a sequence is not known")
        }
        lengths.append(given)
        maskedCount += 1
        return own
      default: throw scope.builder.problem("a loop hands on \(value.title)")
      }
    }
    for (_, value) in round.written {
      let own = try unmasked(value) { $0.known?.isZero ?? false }
      outputs.append(try inner.builder.computed(own))
    }
    for state in round.states {
      let input = Model.Value(state.input)
      let own = try unmasked(read(state.variable.next, inner)) {
        if case .computed(input) = $0 { true } else { false }
      }
      next.append(try inner.builder.computed(own))
    }
    let given = round.sequences[0].lengths
    let isReversed = round.sequences[0].isReversed
    // A sequence that is reversed has one end, that of its own lengths.
    func agree(_ one: GraphValue?, _ other: GraphValue?) -> Bool {
      guard let one, let other else { return one == nil && other == nil }
      return same(one, other)
    }
    guard maskedCount == 0 || maskedCount == outputs.count + next.count,
      lengths.allSatisfy({ same($0, lengths[0]) }),
      round.sequences.allSatisfy({ sequence in
        sequence.isReversed == isReversed
          && (!isReversed || agree(sequence.lengths, lengths.first))
      })
    else { throw scope.builder.problem("a loop treats the ends of sequences in several ways") }
    var loop = LoopRound(
      model: inner.builder.model(named: "round", producer: "", outputs: outputs + next),
      sequences: [], states: round.states.map { ($0.input, $0.first) },
      outputCount: outputs.count)
    for sequence in round.sequences {
      loop.sequences.append((sequence.name, try scope.builder.transposed(sequence.value, 0, 1)))
    }
    loop.lengths = lengths.first
    loop.isBackward = isReversed
    loop.layerName = { GraphOperator.layerName($0) }
    let result = try scope.builder.repeated(loop)
    try bind(variables, round, result, lengths: given, &scope)
  }

  /// Binds the `Exit` of every variable.
  private func bind(
    _ variables: [GraphFrames.LoopVariable], _ round: RoundReading,
    _ result: (outputs: [GraphValue], states: [GraphValue]), lengths: GraphValue?,
    _ scope: inout Scope
  ) throws(CheckpointError) {
    var last: [Name: NodeValue] = [:]
    for (state, value) in zip(round.states, result.states) {
      last[Name(state.variable.merge)] = .value(value)
    }
    var contents: [Name: NodeValue] = [:]
    for ((handle, _), value) in zip(round.written, result.outputs) {
      let whole = try scope.builder.transposed(value, 0, 1)
      contents[Name(handle)] =
        round.sequences[0].isReversed
        ? .reversed(whole, lengths: lengths, axis: 0) : .value(whole)
    }
    for variable in variables where last[Name(variable.merge)] == nil {
      let enter = frames.nodes[Name(variable.enter)]
      guard let source = enter?.dataInputs.first else { continue }
      switch read(source, scope) {
      case .tensors(let handle, let before):
        last[Name(variable.merge)] = .tensors(handle, contents[Name(handle)] ?? before)
      case .value(let value) where GraphSizes(value) != nil:
        last[Name(variable.merge)] = .value(
          .size(try scope.builder.extents(round.sequences[0].value)[0]))
      case let other: last[Name(variable.merge)] = other
      }
    }
    for node in graph.nodes {
      guard let exit = frames.exit(node), let value = last[Name(exit.merge)] else { continue }
      scope.values[Name(node.name)] = [value]
    }
  }
}
