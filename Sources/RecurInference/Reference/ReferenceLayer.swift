import RecurModel
import RecurTensors

/// The reference's description of one kind of layer: its equations, and its effect on timesteps.
///
/// Each kind implements all requirements except those per number type; there are no other default
/// implementations.
protocol ReferenceLayer: Sendable {
  /// Computes the outputs of a call.
  ///
  /// - Throws: `input.token`, `input.length`, `state.…`, `model.layer.opaque`.
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>]

  /// The timesteps of a node's outputs.
  ///
  /// - Parameters:
  ///   - call: the node, and the tracks of its inputs.
  ///   - flow: receives a finding when the layer prevents padding or streaming.
  /// - Returns: one track per output; nil when the layer prevents padding or streaming, or has no
  ///   timesteps.
  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]?

  /// The batch axis of the output, for an input without timesteps whose batch is on `axis`.
  func batchAxis(_ axis: Int) -> Int

  /// Whether the layer does not pass on the mask of its input.
  var endsMask: Bool { get }

  // One requirement per number type, implemented in the extension: the compiler then specializes
  // the code for each kind and type, where a generic requirement would look up operations at run
  // time.
  func outputsInDouble(
    _ call: ReferenceForward<Double>.Call, in forward: inout ReferenceForward<Double>
  ) throws(CheckpointError) -> [Values<Double>]
  func outputsInFloat(
    _ call: ReferenceForward<Float>.Call, in forward: inout ReferenceForward<Float>
  ) throws(CheckpointError) -> [Values<Float>]
}

extension ReferenceLayer {
  func outputsInDouble(
    _ call: ReferenceForward<Double>.Call, in forward: inout ReferenceForward<Double>
  ) throws(CheckpointError) -> [Values<Double>] {
    try outputs(call, in: &forward)
  }

  func outputsInFloat(
    _ call: ReferenceForward<Float>.Call, in forward: inout ReferenceForward<Float>
  ) throws(CheckpointError) -> [Values<Float>] {
    try outputs(call, in: &forward)
  }
}
