import RecurModel
import RecurTensors

extension Pooling: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    let (batch, timesteps, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let (size, stride) = self.window ?? (timesteps, max(timesteps, 1))
    let (before, count) =
      self.window == nil
      ? (0, 1) : padding.windows(timesteps: timesteps, span: size, stride: stride)
    var y = Values<Scalar>(shape: [batch, count, channels])
    for row in 0..<batch {
      for window in 0..<count {
        let first = window * stride - before
        let steps = (max(first, 0)..<min(first + size, timesteps)).filter { t in
          // Only the mean over the whole sequence uses a mask.
          self.window != nil || operation == .maximum
            || call.mask.map { $0.elements[row * timesteps + t] != 0 } ?? true
        }
        for channel in 0..<channels {
          let values = steps.map { x.elements[(row * timesteps + $0) * channels + channel] }
          let value: Scalar =
            switch operation {
            case .maximum: values.reduce(-.infinity, maximum)
            case .average: values.reduce(0, +) / Scalar(values.count)
            }
          y.elements[(row * count + window) * channels + channel] = value
        }
      }
    }
    return [self.window == nil && !keepsAxis ? y.reshaped([batch, channels]) : y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    let isMean = window == nil && operation == .average
    guard flow.isPadded, isMean, call.x.axis == 1, call.x.batchAxis == 0, !call.x.isReversed,
      flow.covers(call.node.mask)
    else {
      return flow.mixed(
        call.node,
        flow.isPadded && isMean
          ? "it averages all timesteps, and no mask reaches it"
          : "it puts several timesteps together")
    }
    return [.whole]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
