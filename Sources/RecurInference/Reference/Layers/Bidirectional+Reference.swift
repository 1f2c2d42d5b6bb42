import RecurModel
import RecurTensors

extension Bidirectional: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let isStateful = self.forward.isStateful
    let states = try forward.initialState(
      stateSizes, isStateful: isStateful, keptWins: self.forward.keptStateWins, call)
    let count = self.forward.cell.stateSizes.count
    let (one, oneLast, _) = forward.sequence(
      self.forward, call, Array(states.prefix(count)), half: 0)
    var (other, otherLast, _) = forward.sequence(
      backward, call, Array(states.dropFirst(count)), half: 1)
    forward.keep(oneLast + otherLast, isStateful, call)
    if backward.returnsSequence { other = other.reversedTimesteps() }
    let merged: [Values<Scalar>] =
      switch mergeMode {
      case nil: [one, other]
      case .concatenate: [Values.concatenated([one, other], axis: one.shape.count - 1)]
      case .sum: [one.combined(with: other, +)]
      case .multiply: [one.combined(with: other, *)]
      case .average: [one.combined(with: other) { ($0 + $1) / 2 }]
      }
    return merged + (self.forward.returnsState ? oneLast + otherLast : [])
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.readers.insert(Name(call.node.name))
    guard flow.isPadded else {
      flow.refuse(call.node, "one of its directions begins at the end of the sequence")
      return nil
    }
    guard call.x.axis == 1, call.x.batchAxis == 0, flow.covers(call.node.mask), !call.x.isReversed
    else {
      flow.refuseUnmasked(call.node)
      return nil
    }
    if case .padded(let side, _) = flow.question,
      forward.endsInZeros(paddedAt: side) || backward.endsInZeros(paddedAt: side)
    {
      flow.refuseZeros(call.node)
      return nil
    }
    var output = TimestepFlow.Track(axis: forward.returnsSequence ? 1 : nil)
    if forward.returnsSequence {
      // The output of `forward` is in reading order; the output of `backward` is reversed.
      output.isReversed = forward.direction == .backward
      guard output.isReversed == (backward.direction == .forward) else {
        flow.refuse(call.node, "its two directions put out the timesteps in opposite orders")
        return nil
      }
    }
    if forward.maskedOutput == .zero, backward.maskedOutput == .zero,
      output.axis != nil
    {
      output.padded = 0
    }
    return [TimestepFlow.Track](repeating: output, count: outputCount)
      + (forward.returnsState ? stateSizes.map { _ in .whole } : [])
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
