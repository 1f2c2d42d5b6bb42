import RecurModel
import RecurTensors

extension ParametricReLU: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    // Alpha is repeated over the batch and over axes of extent 1.
    let slopes = Values<Scalar>(alpha)
    let own = slopes.reshaped([1] + slopes.shape)
    return [call.x.combined(with: own) { $0 > 0 ? $0 : $1 * $0 }]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    let extent = call.x.axis.map { $0 > 0 && $0 <= alpha.rank ? alpha.shape[$0 - 1] : 1 }
    return extent == 1 ? [call.x.changed] : flow.mixed(call.node)
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
