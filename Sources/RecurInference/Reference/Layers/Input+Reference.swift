import RecurModel
import RecurTensors

extension Input: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [call.x]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    nil
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
