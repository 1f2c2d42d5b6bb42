import RecurModel
import RecurTensors

extension Selection: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [call.x.selected(self, mask: call.mask)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    followed(call, in: flow).map { [$0] }
      ?? flow.mixed(call.node, "it takes the timestep at a place that depends on the length")
  }

  func batchAxis(_ axis: Int) -> Int {
    self.axis < axis ? axis - 1 : axis
  }

  var endsMask: Bool { true }

  private func followed(_ call: TimestepFlow.Call, in flow: TimestepFlow) -> TimestepFlow.Track? {
    guard let own = call.x.axis else { return call.x }
    guard axis == own else {
      guard axis != call.x.batchAxis else { return nil }
      var result = call.x
      if axis < own { result.axis = own - 1 }
      if axis < call.x.batchAxis { result.batchAxis -= 1 }
      return result
    }
    guard call.x.batchAxis == 0, axis == 1 else { return nil }
    switch flow.question {
    case .streamed:
      // The first piece begins with the first timestep, and later pieces begin with kept states.
      if index == 0, flow.beginnings.contains(Name(call.node.name)) { return .whole }
      guard index == -1, call.node.mask == nil else { return nil }
      return TimestepFlow.Track(axis: nil, isFinal: true)
    case .padded:
      let isMasked = flow.covers(call.node.mask) && !call.x.isReversed
      let isRight =
        switch index {
        case -1:
          isMasked
            || call.node.mask == nil
              && (flow.isPadded(at: .start, call.x) || call.x.holdsLast && !call.x.isReversed)
        case 0: isMasked || call.node.mask == nil && flow.isPadded(at: .end, call.x)
        default: false
        }
      return isRight ? .whole : nil
    }
  }
}

extension Values {
  /// One element along an axis; with a mask `[batch, timesteps]`, the first or last unmasked
  /// timestep.
  fileprivate func selected(_ selection: Selection, mask: Values?) -> Values {
    let (axis, extent) = (selection.axis, shape[selection.axis])
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    var result = Values(shape: Array(shape[..<axis] + shape[(axis + 1)...]), elements: [])
    for row in 0..<outer {
      var position = selection.index < 0 ? selection.index + extent : selection.index
      if let mask {
        let counts = mask.row(row)
        position =
          (selection.index < 0 ? counts.lastIndex { $0 != 0 } : counts.firstIndex { $0 != 0 })
          ?? position
      }
      let start = (row * extent + position) * inner
      result.elements += elements[start..<start + inner]
    }
    return result
  }
}
