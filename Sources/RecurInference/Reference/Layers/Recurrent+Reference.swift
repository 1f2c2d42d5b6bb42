import RecurModel
import RecurTensors

extension Recurrent: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let states = try forward.initialState(
      cell.stateSizes, isStateful: isStateful, keptWins: keptStateWins, call)
    let before =
      isStateful && forward.state.isStream ? forward.state[call.node.layerName]?.output : nil
    let (output, last, final) = forward.sequence(self, call, states, half: 0, before: before)
    forward.keep(last, isStateful, call, output: forward.state.isStream ? final : nil)
    return [output] + (returnsState ? last : [])
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.readers.insert(Name(call.node.name))
    guard call.x.axis == 1, call.x.batchAxis == 0 else {
      flow.refuse(call.node, "its input does not have the timesteps on axis 1")
      return nil
    }
    var output = TimestepFlow.Track(axis: returnsSequence ? 1 : nil)
    switch flow.question {
    case .streamed:
      guard direction == .forward, !call.x.isReversed else {
        flow.refuse(call.node, "it reads the sequence from its end")
        return nil
      }
      output.isFinal = !returnsSequence
    case .padded(let side, _):
      guard flow.covers(call.node.mask) else {
        // Timesteps before the padding do not depend on the padding.
        guard direction == .forward, returnsSequence, !returnsState,
          flow.isPadded(at: .end, call.x), call.node.mask == nil
        else {
          flow.refuseUnmasked(call.node)
          return nil
        }
        return [output]
      }
      guard !call.x.isReversed else {
        flow.refuse(call.node, "its input stands in reverse, and its mask does not")
        return nil
      }
      guard !endsInZeros(paddedAt: side) else {
        flow.refuseZeros(call.node)
        return nil
      }
      if returnsSequence {
        output.isReversed = direction == .backward
        if maskedOutput == .zero { output.padded = 0 }
        output.holdsLast =
          side == .end && direction == .forward && maskedOutput != .zero
      }
    }
    var state = TimestepFlow.Track.whole
    state.isFinal = flow.question == .streamed
    return [output]
      + (returnsState ? cell.stateSizes.map { _ in state } : [])
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}

extension Recurrent {
  /// Whether the layer returns only the last timestep and that timestep is padding, whose output is
  /// zeros.
  func endsInZeros(paddedAt side: SequencePadding.Side) -> Bool {
    !returnsSequence && maskedOutput == .zero && (direction == .forward) == (side == .end)
  }
}
