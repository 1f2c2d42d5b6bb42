import RecurFormats
package import RecurInference
package import RecurModel
package import RecurTensors

extension Checkpoint {
  /// Runs the model on sequences of different lengths; each sequence gives what it would give
  /// alone.
  ///
  /// A Keras model is called with a mask, `model(x, mask=mask)`, unless the model makes its own
  /// mask. A PyTorch model is called with packed sequences. Later layers get the mask or the packed
  /// sequence that the framework would give them.
  ///
  ///     let batch = try SequenceBatch(padding: [one, other], .init(side: .end))
  ///     let outputs = try checkpoint.run(batch)
  ///     outputs.output(0, of: 1)
  ///
  /// - Parameter batch: the sequences, `[sequences, timesteps, …]`.
  /// - Returns: the outputs in the framework's form, and those of each sequence.
  /// - Throws: `sequence.padding` for every layer that would see the padding, `input.mask` for masks of
  ///   the model's own that count padding, and what ``Model/run(_:state:)`` throws.
  public func run(_ batch: SequenceBatch) throws(CheckpointError) -> SequenceOutputs {
    try explaining { () throws(CheckpointError) in
      let (model, mask) = try modelForLengths(batch)
      let call = try PaddedCall(model, batch, mask: mask)
      return call.outputs(try model.run(call.inputs))
    }
  }

  /// The model with an input for the mask of `batch`, and the name of that input; nil when the
  /// model needs no such input.
  ///
  /// - Throws: `sequence.padding` for padding at an end that the framework can't leave out, and what
  ///   opening the file throws.
  package func modelForLengths(
    _ batch: SequenceBatch
  ) throws(CheckpointError) -> (model: Model, mask: String?) {
    if let taking = model.takingMask() { return (taking.model, taking.mask) }
    guard batch.hasPadding else { return (model, nil) }
    guard convention.padding != .mask else {
      let masked = try Checkpoint(opening: path, options: options, takesMask: true).model
      let mask = masked.inputs.last { !model.inputs.contains($0) }
      return (masked, mask)
    }
    guard batch.side == .end else {
      throw CheckpointError(
        .sequencePadding, "\(convention.name) packs sequences that begin at the first timestep",
        at: .init(file: path), expected: "padding at the end", found: "padding at the start",
        remedies: [.padAtEnd])
    }
    var packed = options
    packed.inputs = model.requiredInputs + ["lengths"]
    let packing = try Checkpoint(opening: path, options: packed).model
    guard let taking = packing.takingMask() else {
      // No layer uses the lengths. Running the model then tells whether a layer would see the
      // padding.
      return (model, nil)
    }
    return (taking.model, taking.mask)
  }
}
