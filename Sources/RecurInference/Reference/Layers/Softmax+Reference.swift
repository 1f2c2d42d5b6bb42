import RecurModel
import RecurTensors

extension Softmax: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let own = positions(of: axes, rank: call.x.shape.count) ?? []
    return [call.x.softmax(own, isLogarithm: isLogarithm)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard let rank = flow.rank(call.node), let own = positions(of: axes, rank: rank),
      call.x.axis.map(own.contains) == false
    else { return flow.mixed(call.node) }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
