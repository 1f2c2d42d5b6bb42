import RecurModel
import RecurTensors

extension TimeDistributed: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    // Each timestep becomes a sequence of the inner layer's batch.
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    var own = call
    own.inputs = [call.x.reshaped([batch * timesteps] + call.x.shape.dropFirst(2))]
    own.mask = nil
    return try Scalar.outputs(of: inner.reference, own, in: &forward).map {
      $0.reshaped([batch, timesteps] + $0.shape.dropFirst())
    }
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    guard call.x.axis == 1, call.x.batchAxis == 0 else { return flow.mixed(call.node) }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
