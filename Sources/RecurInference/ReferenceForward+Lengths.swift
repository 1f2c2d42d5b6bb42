import RecurModel
import RecurTensors

extension ReferenceForward {
  /// Which timesteps lie before the end that lengths say (torch.nn.utils.rnn.pack_padded_sequence).
  ///
  /// - Throws: `input.length` for a length that is no whole number from 1 to the timesteps.
  func lengthMask(_ call: Call) throws(CheckpointError) -> Values<Scalar> {
    let (batch, timesteps) = (call.x.shape[0], call.x.shape[1])
    var mask = Values<Scalar>(shape: [batch, timesteps])
    for (row, length) in call.inputs[1].elements.enumerated() {
      guard length >= 1, length <= Scalar(timesteps), length.rounded(.towardZero) == length else {
        throw CheckpointError(
          .inputLength, "sequence \(row) can't have \(length) timesteps", at: call.node.location,
          expected: "a whole number from 1 to \(timesteps)", found: "\(length)",
          hint: "give one length per sequence, each at least 1 and at most what is padded to")
      }
      for t in 0..<Int(length) { mask.elements[row * timesteps + t] = 1 }
    }
    return mask
  }
}
