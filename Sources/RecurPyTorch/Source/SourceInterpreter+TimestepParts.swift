import RecurModel
import RecurSource
import RecurTensors

// Parts of arrays at the timesteps of a loop.
extension SourceInterpreter {
  /// The part of an array at a timestep.
  mutating func atTimestep(
    _ array: GraphValue, _ keys: [SourceValue]
  ) throws(SourceStop) -> SourceValue {
    if round != nil {
      let own = try outside { interpreter throws(SourceStop) in
        try interpreter.atTimestep(array, keys)
      }
      guard case .step(let step) = own, let sequence = step.sequence else { return own }
      return .plain(try timestepInput(sequence))
    }
    let shape = try extents(array)
    guard
      let axis = keys.firstIndex(where: { if case .timestep = $0 { true } else { false } }),
      case .timestep(let extent) = keys[axis], axis < 2, axis < shape.count, shape[axis] == extent,
      keys.count(where: { $0.isStep }) == 1
    else { throw problem("a timestep is an index of an axis that is not the one of the loop") }
    let whole = SourceValue.slice(.none, .none, .none)
    var rest = keys
    rest[axis] = whole
    if rest.count < 2 { rest.append(whole) }
    if axis == 0 { rest.swapAt(0, 1) }
    for key in rest.prefix(2) {
      guard case .slice(let start, let stop, let step) = key, start.isNone, stop.isNone, step.isNone
      else { throw problem("a part of the batch in a loop over timesteps") }
    }
    let sequence = try inFront(array, axis: axis)
    guard rest.count > 2 else { return .step(SourceStep(sequence: sequence)) }
    guard let part = try item(.plain(sequence), .tuple(rest)).array else {
      throw problem("a part of an array at a timestep")
    }
    return .step(SourceStep(sequence: part))
  }

  /// `outputs[:, t] = y`: all timesteps get their values.
  mutating func filled(
    _ array: GraphValue, _ keys: [SourceValue], _ value: SourceValue
  ) throws(SourceStop) -> SourceValue {
    guard case .step(let step) = value, let sequence = step.sequence,
      case .step(let old) = try atTimestep(array, keys), let before = old.sequence,
      try extents(before) == extents(sequence)
    else { throw problem("a part of an array gets another value in a loop over timesteps") }
    let isFirst = if case .timestep? = keys.first { true } else { false }
    guard isFirst else { return .plain(sequence) }
    return .plain(
      try graph { builder throws(CheckpointError) in try builder.transposed(sequence, 0, 1) })
  }

  /// `x.split(1, 1)` and `x.unbind(1)`: one element for all timesteps.
  mutating func divided(
    _ array: GraphValue, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue? {
    guard phase == .forward else { return nil }
    let isUnbound = name == "unbind"
    let axis = given.value("dim", at: isUnbound ? 0 : 1)?.integer ?? 0
    let shape = try extents(array)
    let own = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(own), shape[own].value == nil else { return nil }
    if !isUnbound {
      let size = given.positional.first ?? given.keywords.first { $0.name != "dim" }?.value ?? .none
      guard name == "split" ? size.integer == 1 : size.dimension == shape[own] else { return nil }
    }
    var sequence = try inFront(array, axis: own)
    if !isUnbound {
      sequence = try graph { [sequence] builder throws(CheckpointError) in
        try builder.insertingAxis(sequence, own == 0 ? 1 : own + 1)
      }
      // time major: [1, batch, …] per timestep is not a batch in front
      guard own == 1 else { throw problem("parts of the first axis of an array") }
    }
    return .list(SourceList([.step(SourceStep(sequence: sequence))]))
  }
}
