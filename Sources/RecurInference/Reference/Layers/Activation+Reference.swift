import RecurModel
import RecurTensors

extension Activation: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [call.x.activated(self)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    if case .softmax = self, flow.isLast(call.x, call.node) { return flow.mixed(call.node) }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
