import RecurModel
import RecurSource
import RecurTensors

// The numbers of timesteps compared with lengths.
extension SourceInterpreter {
  /// `arange(timesteps) < lengths`: the mask of the timesteps before the ends.
  mutating func lengthMask(
    _ operation: ComparisonOperator, _ left: SourceValue, _ right: SourceValue
  ) throws(SourceStop) -> SourceValue? {
    let positions: SourcePositions
    let lengths: GraphValue
    let isNegated: Bool
    switch (operation, left, right) {
    case (.less, .positions(let own), .plain(let other)),
      (.greaterOrEqual, .positions(let own), .plain(let other)):
      (positions, lengths, isNegated) = (own, other, operation == .greaterOrEqual)
    case (.greater, .plain(let other), .positions(let own)),
      (.lessOrEqual, .plain(let other), .positions(let own)):
      (positions, lengths, isNegated) = (own, other, operation == .lessOrEqual)
    default: return nil
    }
    let extents = try graph { builder throws(CheckpointError) in try builder.extents(lengths) }
    guard extents.count == 2, extents[1] == .fixed(1), positions.axis == positions.rank - 1 else {
      return nil
    }
    let wanted = [extents[0], positions.extent]
    let sequence = builder.nodes.first { node in
      builder.shape(.computed(Model.Value(node.name)))?.prefix(2).elementsEqual(wanted) ?? false
    }
    guard let sequence else { return nil }
    return .plain(
      try graph { builder throws(CheckpointError) in
        let own = try builder.selected(lengths, axis: 1, 0)
        let mask = try builder.apply(
          .lengthMask(LengthMask()), Model.Value(sequence.name), builder.computed(own))
        return isNegated ? try builder.binary(.equal, mask, .integer(0)) : mask
      })
  }
}
