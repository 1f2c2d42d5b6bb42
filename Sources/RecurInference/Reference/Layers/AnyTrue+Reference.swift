import RecurModel
import RecurTensors

extension AnyTrue: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    [call.x.anyTrue(axis: axis, keepsAxis: keepsAxis)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    let rank = flow.rank(call.node) ?? 0
    let position = axis < 0 ? axis + rank : axis
    guard let own = call.x.axis, position != own else { return flow.mixed(call.node) }
    var result = call.x
    if !keepsAxis, position < own { result.axis = own - 1 }
    return [result]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
