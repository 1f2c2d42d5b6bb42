import RecurModel
import RecurTensors

extension NotEqual: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [call.x.differing(from: value, call.precision)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    var result = call.x.changed
    result.padded = call.x.padded.map { call.node.precision.rounded($0) == value ? 0 : 1 }
    return [result]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
