import RecurModel

extension TimestepFlow {
  /// The tracks of an operator whose operands are combined element by element, aligned at their
  /// last axes.
  ///
  /// - Parameters:
  ///   - call: the node, and the tracks of its inputs.
  ///   - constants: the shapes of its constants.
  /// - Returns: one track; nil when timesteps of different places are combined, which is reported.
  mutating func aligned(_ call: Call, constants: [[Int]]) -> [Track]? {
    let reason = "it joins different timesteps"
    let ranks = call.node.inputs.map { shapes[$0]?.count ?? 0 }
    let rank = (ranks + constants.map(\.count)).max() ?? 0
    var result: Track?
    for (track, own) in zip(call.tracks, ranks) {
      guard let axis = track.axis else { continue }
      var moved = track.changed
      moved.axis = axis + rank - own
      moved.batchAxis += rank - own
      guard let other = result else {
        result = moved
        continue
      }
      guard other.axis == moved.axis, other.batchAxis == moved.batchAxis,
        other.isReversed == moved.isReversed
      else { return mixed(call.node, reason) }
      result?.holdsLast = other.holdsLast && moved.holdsLast
    }
    guard let result, let axis = result.axis else { return mixed(call.node, reason) }
    // A value without timesteps must be one number for all of them.
    for (input, (track, own)) in zip(call.node.inputs, zip(call.tracks, ranks))
    where track.axis == nil {
      let place = axis - (rank - own)
      guard place < 0 || shapes[input]?[place] == .fixed(1) else {
        return mixed(call.node, reason)
      }
    }
    for constant in constants {
      let place = axis - (rank - constant.count)
      guard place < 0 || constant[place] == 1 else { return mixed(call.node, reason) }
    }
    return [result]
  }
}
