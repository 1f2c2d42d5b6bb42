import RecurModel
import RecurTensors

extension LengthMask: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    var mask = Values<Scalar>(shape: [batch, timesteps])
    for (row, length) in call.inputs[1].elements.enumerated() {
      guard length >= 1, length <= Scalar(timesteps), length.rounded(.towardZero) == length else {
        throw .length("\(length)", row: row, timesteps, call.node)
      }
      for t in 0..<Int(length) { mask.elements[row * timesteps + t] = 1 }
    }
    return [mask]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.mixed(call.node)
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}

extension CheckpointError {
  /// The error for a length that a sequence of `timesteps` timesteps can't have.
  static func length(
    _ length: String, row: Int, _ timesteps: Int, _ node: Model.Node
  ) -> CheckpointError {
    CheckpointError(
      .inputLength, "sequence \(row) can't have \(length) timesteps", at: node.location,
      expected: "a whole number from 1 to \(timesteps)", found: "\(length)",
      hint: "give one length per sequence, each at least 1 and at most what is padded to")
  }
}
