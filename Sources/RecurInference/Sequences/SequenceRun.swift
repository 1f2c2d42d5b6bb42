package import RecurModel
public import RecurTensors

/// The outputs of a model for a batch of padded sequences.
public struct SequenceOutputs: Sendable {
  /// One tensor per model output, padding included: padded timesteps hold whatever the layers
  /// compute there.
  public let outputs: [Tensor]
  private let batch: SequenceBatch
  private let tracks: [TimestepFlow.Track]

  init(_ outputs: [Tensor], _ batch: SequenceBatch, _ tracks: [TimestepFlow.Track]) {
    self.outputs = outputs
    self.batch = batch
    self.tracks = tracks
  }

  /// The output of one sequence as if it were run alone: a batch of one, without padding.
  ///
  /// - Precondition: the output and the row exist.
  public func output(_ index: Int, of row: Int) -> Tensor {
    let track = tracks[index]
    let own = outputs[index].slice(axis: track.batchAxis, row..<row + 1)
    guard let axis = track.axis else { return own }
    let side: SequencePadding.Side =
      track.isReversed ? (batch.side == .end ? .start : .end) : batch.side
    return own.slice(axis: axis, batch.range(of: row, paddedAt: side))
  }
}

/// A padded batch, prepared for a call of a model.
package struct PaddedCall: Sendable {
  /// One tensor per model input.
  package let inputs: [Tensor]
  private let batch: SequenceBatch
  private let tracks: [TimestepFlow.Track]

  /// Prepares a call in which every sequence gives the same outputs as alone.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - batch: the sequences.
  ///   - mask: the name of the mask input, `[batch, timesteps]`; nil when the model has none.
  /// - Throws: `sequence.padding` for every layer whose result would depend on the padding, and for
  ///   models without a sequence input; `input.mask` when a mask that the model makes itself counts
  ///   padding; `input.not-finite` for NaN in the padding.
  package init(
    _ model: Model, _ batch: SequenceBatch, mask: String?
  ) throws(CheckpointError) {
    try model.checkConnected()
    let sequence = try model.sequenceInput(mask: mask, .sequencePadding)
    let flow = TimestepFlow(
      model, sequence: sequence, mask: mask, .padded(batch.side, value: batch.paddedValue))
    if batch.hasPadding {
      guard !batch.hasNonFinitePadding else {
        throw CheckpointError(
          .inputNotFinite, "the padding holds numbers that are not finite",
          at: batch.tensor.location,
          reason: "NaN times a weight of zero is NaN: attention would let it through",
          remedies: [.pad(with: 0), .code(.init(.numpy, "x = np.nan_to_num(x)"))])
      }
      let own = flow.findings.filter { $0.code == .inputMask }
      if let error = CheckpointError(findings: own.isEmpty ? flow.findings : own) { throw error }
    }
    let track = flow.track(Model.Value(sequence))
    guard let axis = track.axis else {
      throw CheckpointError(
        .sequencePadding, "input '\(sequence)' has no axis of timesteps",
        at: model.node(sequence)?.location ?? .init(),
        reason: "the model takes one timestep per call")
    }
    var inputs: [Tensor] = []
    for name in model.inputs {
      if Name(name) == Name(sequence) {
        let isTimeFirst = track.batchAxis == 1 && axis == 0
        inputs.append(isTimeFirst ? batch.tensor.exchangingFirstAxes() : batch.tensor)
      } else if let mask, Name(name) == Name(mask) {
        inputs.append(try batch.mask())
      }
    }
    self.inputs = inputs
    self.batch = batch
    tracks = model.outputs.map(flow.track)
  }

  /// The outputs of the model, from which the output of each sequence alone can be taken.
  package func outputs(_ tensors: [Tensor]) -> SequenceOutputs {
    SequenceOutputs(tensors, batch, tracks)
  }
}
