import RecurModel
import RecurTensors

// Cells in loops over timesteps.
extension SourceInterpreter {
  /// A cell that reads a value of every timestep: a layer over the sequence.
  mutating func cellOverSteps(
    _ name: String, _ object: SourceObject, _ step: SourceStep, _ state: SourceValue,
    _ kind: GraphRecurrentKind, _ weights: [GraphValue], hasBias: Bool, units: Int
  ) throws(SourceStop) -> SourceValue {
    guard let sequence = step.sequence else { throw problem("a state is the input of a cell") }
    let shape = try extents(sequence)
    guard shape.count == 3 else { throw problem("nn.\(name)Cell reads an array of other axes") }
    let count = name == "LSTM" ? 2 : 1
    var states: [SourceCarried] = []
    switch state {
    case .carried(let own):
      states =
        count == 1
        ? [own]
        : (0..<count).map { SourceCarried(name: "\(own.name)[\($0)]", initial: .none) }
      guard count == 1 || own.initial.isNone else {
        throw problem("the state of a cell is \(own.initial.title)")
      }
    case .tuple, .list:
      for value in state.parts {
        guard case .carried(let own) = value else { throw otherCellState }
        states.append(own)
      }
    default: throw otherCellState
    }
    guard states.count == count else { throw problem("\(states.count) states for a cell") }
    var initial: [GraphValue] = []
    for state in states {
      readStates.insert(state.name)
      let value = try settled(state.initial)
      let array: GraphValue
      if value.isNone {
        array = .known(
          try graph { _ throws(CheckpointError) in
            try KnownArray(repeating: 0, .float32, shape: [shape[0], .fixed(units)])
          })
      } else {
        array = try self.state(value, [shape[0], .fixed(units)])
      }
      initial.append(
        try graph { builder throws(CheckpointError) in try builder.insertingAxis(array, 0) })
    }
    let module = object.path
    let tensors = weights.compactMap { $0.known?.array }
    let (whole, finals) = try graph { [initial] builder throws(CheckpointError) in
      let cell = try kind.cell(tensors, hasBias: hasBias, &builder)
      return try builder.recurrent(
        [[cell]], sequence, states: initial, module: module, place: nil)
    }
    var results: [SourceValue] = []
    for (index, final) in finals.enumerated() {
      let last = try graph { builder throws(CheckpointError) in
        try builder.selected(final, axis: 0, 0)
      }
      results.append(
        .step(
          SourceStep(
            sequence: index == 0 ? whole : nil, final: last, state: states[index].name)))
    }
    return results.count == 1 ? results[0] : .tuple(results)
  }

  private var otherCellState: SourceStop {
    problem(
      "in a loop over timesteps whose number is known only when the model runs, a cell has to get the state that it computed before"
    )
  }
}
