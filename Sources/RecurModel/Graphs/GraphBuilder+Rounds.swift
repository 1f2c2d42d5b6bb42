package import RecurTensors

/// A loop over timesteps: what one round computes, and what goes from round to round.
package struct LoopRound {
  /// One round.
  ///
  /// Its inputs are one timestep of sequences, and states; its outputs are those of
  /// ``outputCount``, and then the next states.
  package var model: Model
  /// The sequences, `[batch, timesteps, …]`, by the names of the inputs that are one timestep of each.
  package var sequences: [(input: String, value: GraphValue)]
  /// The first states, by the names of the inputs.
  package var states: [(input: String, first: GraphValue)]
  /// How many outputs are values of every timestep.
  package var outputCount: Int
  /// The timesteps of every sequence; behind them states stay and outputs are zeros.
  package var lengths: GraphValue?
  /// Whether the loop begins with the last timestep.
  package var isBackward = false
  /// The name of a layer, for the name of what made it in the round.
  package var layerName: @Sendable (String) -> String = { $0 }

  /// Makes a loop.
  package init(
    model: Model, sequences: [(input: String, value: GraphValue)],
    states: [(input: String, first: GraphValue)], outputCount: Int
  ) {
    self.model = model
    self.sequences = sequences
    self.states = states
    self.outputCount = outputCount
  }
}

// Loops over timesteps as layers that read whole sequences.
extension GraphBuilder {
  /// A value of a round.
  private enum RoundValue {
    /// One timestep of a sequence.
    case timestep(Model.Value)
    /// The same with an axis for the timestep.
    case inserted(Model.Value)
    /// The state of this number.
    case state(Int)
  }

  /// Adds the layers that a loop is: recurrent layers, and what computes every timestep by itself.
  ///
  /// - Returns: the outputs, `[batch, timesteps, …]` each in the order of the sequence, and the last
  ///   states.
  /// - Throws: `graph.unsupported` for a round with anything else; what adding layers throws.
  package mutating func repeated(
    _ round: LoopRound
  ) throws(CheckpointError) -> (outputs: [GraphValue], states: [GraphValue]) {
    let body = round.model.canonical(states: Set(round.states.map { Name($0.input) }))
    var values: [Model.Value: RoundValue] = [:]
    for (input, value) in round.sequences {
      values[Model.Value(input)] = .timestep(try computed(value))
    }
    for (index, state) in round.states.enumerated() {
      values[Model.Value(state.input)] = .state(index)
    }
    let next = Array(body.outputs.dropFirst(round.outputCount))
    var last = round.states.map(\.first)
    var made: Set<Int> = []
    let shapes = ModelShapes(body)
    var ofCells: Set<Model.Value> = []
    var mask: Model.Value?
    if let lengths = round.lengths, let sequence = round.sequences.first?.value {
      mask = try add(.lengthMask(LengthMask()), [computed(sequence), computed(lengths)])[0]
    }
    for node in body.nodes {
      if case .input = node.layer { continue }
      if case .reshaping(.insertAxis(1)) = node.layer,
        case .timestep(let own)? = values[node.inputs[0]]
      {
        values[Model.Value(node.name)] = .inserted(own)
        continue
      }
      if case .recurrent(let layer) = node.layer {
        let step = try repeatedStep(layer, node, round, values, next)
        let outputs = try add(
          .recurrent(step.layer), [step.sequence], name: round.layerName(node.layerName),
          initialState: step.first, mask: mask, precision: node.precision)
        let ordered =
          round.isBackward
          ? try computed(sliced(.computed(outputs[0]), axis: 1, from: nil, to: nil, step: -1))
          : outputs[0]
        ofCells.insert(ordered)
        for output in 0...1 { values[Model.Value(node.name, output)] = .timestep(ordered) }
        for (position, index) in step.indices.enumerated() {
          last[index] = .computed(outputs[1 + position])
          made.insert(index)
        }
        continue
      }
      let inputs = try node.inputs.map { value throws(CheckpointError) -> Model.Value in
        guard case .timestep(let own)? = values[value] else { throw beyond(node) }
        return own
      }
      guard
        let layer = node.layer.forSequences(rank: node.inputs.first.flatMap { shapes[$0]?.count })
      else {
        throw beyond(node)
      }
      let outputs = try add(
        layer, inputs, name: round.layerName(node.name), precision: node.precision)
      for (output, value) in outputs.enumerated() {
        values[Model.Value(node.name, output)] = .timestep(value)
      }
    }
    for (index, value) in next.enumerated() {
      let isKept = if case .state(index)? = values[value] { true } else { false }
      guard isKept || made.contains(index) else {
        throw problem("a state goes from round to round that is none of a known cell")
      }
    }
    var outputs: [GraphValue] = []
    for output in body.outputs.prefix(round.outputCount) {
      guard case .timestep(let value)? = values[output] else {
        throw problem("a round of the loop puts out what is no value of its timestep")
      }
      guard round.lengths == nil || ofCells.contains(value) else {
        throw problem("outputs behind the end of a sequence are zeros, and come from no cell")
      }
      outputs.append(.computed(value))
    }
    return (outputs, last)
  }

  /// A recurrent layer in place of its step.
  private mutating func repeatedStep(
    _ layer: Recurrent, _ node: Model.Node, _ round: LoopRound,
    _ values: [Model.Value: RoundValue], _ next: [Model.Value]
  ) throws(CheckpointError) -> (
    layer: Recurrent, sequence: Model.Value, first: [Model.Value], indices: [Int]
  ) {
    guard case .inserted(let sequence)? = values[node.inputs[0]], node.mask == nil,
      !layer.returnsSequence, layer.direction == .forward, !layer.isStateful
    else { throw beyond(node) }
    var indices: [Int] = []
    for (position, value) in node.initialState.enumerated() {
      guard case .state(let index)? = values[value],
        next[index] == Model.Value(node.name, 1 + position)
      else { throw problem("the states of '\(node.name)' are not those of the round before") }
      indices.append(index)
    }
    guard indices.count == layer.cell.stateSizes.count else { throw beyond(node) }
    var whole = layer
    (whole.returnsSequence, whole.returnsState) = (true, true)
    whole.direction = round.isBackward ? .backward : .forward
    if round.lengths != nil { whole.maskedOutput = .zero }
    let states = indices.map { round.states[$0].first }
    var first: [Model.Value] = []
    if !states.allSatisfy({ $0.known?.isZero ?? false }) {
      for state in states { first.append(try computed(state)) }
    }
    return (whole, sequence, first, indices)
  }

  private func beyond(_ node: Model.Node) -> CheckpointError {
    problem(
      "a loop over timesteps computes \(node.layer.title) ('\(node.name)') from round to round, and "
        + "is no cell that is known")
  }
}

extension Layer {
  /// The layer for `[batch, timesteps, …]` in place of `[batch, …]` of `rank` axes; nil for a layer that
  /// does not treat all timesteps alike.
  fileprivate func forSequences(rank: Int?) -> Layer? {
    guard let rank, rank >= 2 else { return nil }
    switch self {
    case .merge(.concatenate(let axis)):
      return axis < 0 ? self : axis == rank - 1 ? .merge(.concatenate(axis: axis + 1)) : nil
    case .slicing(var slicing):
      guard slicing.parts.count == 1, slicing.parts[0].axis == rank - 1 else { return nil }
      slicing.parts[0].axis += 1
      return .slicing(slicing)
    default: return treatsRowsAlike ? self : nil
    }
  }
}
