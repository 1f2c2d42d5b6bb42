import RecurModel
import RecurTensors

extension Bucketing: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let limits = boundaries.map { Scalar(call.precision.rounded($0)) }
    return [
      Values(
        shape: call.x.shape,
        elements: call.x.elements.map { x in Scalar(limits.count { $0 <= x }) })
    ]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
