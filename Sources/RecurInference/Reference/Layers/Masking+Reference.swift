import RecurModel
import RecurTensors

extension Masking: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    // Masked timesteps become zero.
    let mask = call.x.differing(from: value, call.precision)
      .anyTrue(axis: -1, keepsAxis: false)
    var result = call.x
    for index in result.elements.indices {
      result.elements[index] *= mask.elements[index / call.x.width]
    }
    return [result, mask]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard !flow.isLast(call.x, call.node) else { return flow.mixed(call.node) }
    let padded = call.x.padded
    let isMasked = padded.map { call.node.precision.rounded($0) == value } ?? false
    var (masked, mask) = (call.x, call.x)
    (masked.padded, mask.padded) = (isMasked ? 0 : padded, isMasked ? 0 : 1)
    if flow.isPadded, !isMasked { flow.refuseMask(call.node, value: value, padded) }
    return [masked, mask]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
