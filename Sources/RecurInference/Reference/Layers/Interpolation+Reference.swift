import RecurModel
import RecurTensors

extension Interpolation: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var x = call.x
    for (index, factor) in factors.enumerated() where factor > 1 {
      let extent = x.shape[index + 1]
      x = x.mapLines(index + 1) { line in
        (0..<extent * factor).map { index in
          let place = Self.place(index, factor: factor, extent: extent)
          let (first, second) = (line[place.first], line[place.second])
          return first + (second - first) * Scalar(place.part)
        }
      }
    }
    return [x]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.mixed(call.node)
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
