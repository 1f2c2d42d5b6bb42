import RecurModel
import RecurTensors

/// What the reference knows of one kind of layer: its equations, and what it does to timesteps.
///
/// A kind writes everything but the requirements per scalar; there are no answers by default.
protocol ReferenceLayer: Sendable {
  /// What a call puts out.
  ///
  /// - Throws: `input.token`, `input.length`, `state.…`, `model.layer.opaque`.
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>]

  /// What is known of the outputs of a node with timesteps.
  ///
  /// - Parameters:
  ///   - call: the node, and what is known of its inputs.
  ///   - flow: is told when the layer stands in the way.
  /// - Returns: one track per output; nil when the layer stands in the way, or has no timesteps.
  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]?

  /// Where the layer puts the batch of a value without timesteps.
  func batchAxis(_ axis: Int) -> Int

  /// Whether the mask of its input ends at the layer.
  var endsMask: Bool { get }

  // A requirement per scalar, which the extension meets: the compiler then makes machine code for
  // each kind and scalar, where a generic requirement would run on tables.
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
