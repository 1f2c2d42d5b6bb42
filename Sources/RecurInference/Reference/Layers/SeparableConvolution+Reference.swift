import RecurModel
import RecurTensors

extension SeparableConvolution: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var second = call
    second.inputs = try depthwise.outputs(call, in: &forward)
    return try pointwise.outputs(second, in: &forward)
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    depthwise.follow(call, in: &flow)
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
