import RecurModel
import RecurTensors

extension Pooling: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    let extents = Array(x.shape[1...axisCount])
    let grid = WindowGrid(windows(over: extents), over: extents)
    let (batch, channels) = (x.shape[0], x.width)
    let mask = isMeanOfTimesteps ? call.mask : nil
    var y = Values<Scalar>(shape: [batch] + grid.counts + [channels])
    for window in 0..<grid.count {
      let places = grid.places(of: window)
      for row in 0..<batch {
        let positions = places.map { row * grid.positionCount + $0.position }.filter { position in
          mask.map { $0.elements[position] != 0 } ?? true
        }
        for channel in 0..<channels {
          let values = positions.map { x.elements[$0 * channels + channel] }
          let value: Scalar =
            switch operation {
            case .maximum: values.reduce(-.infinity, maximum)
            case .average: values.reduce(0, +) / Scalar(values.count)
            }
          y.elements[(row * grid.count + window) * channels + channel] = value
        }
      }
    }
    guard case .whole(_, keepsAxes: false) = region else { return [y] }
    return [y.reshaped([batch, channels])]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard flow.isPadded, isMeanOfTimesteps, call.x.axis == 1, call.x.batchAxis == 0,
      !call.x.isReversed, flow.covers(call.node.mask)
    else {
      return flow.mixed(
        call.node,
        flow.isPadded && isMeanOfTimesteps
          ? "it averages all timesteps, and no mask reaches it"
          : "it puts several timesteps together")
    }
    return [.whole]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
