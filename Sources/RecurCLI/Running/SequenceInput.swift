#if CommandLine
  import Recur
  import RecurInference
  import RecurModel
  import RecurTensors

  /// The one sequence input of a model, and how arrays become a batch for it.
  struct SequenceInput {
    private let model: Model
    private let name: String
    private let input: Input

    /// - Throws: `sequence.padding` for a model without a sequence input, or with several.
    init(_ model: Model) throws(CheckpointError) {
      self.model = model
      let lengths = model.takingMask()
      let taking = lengths?.model ?? model
      name = try taking.sequenceInput(mask: lengths?.mask, .sequencePadding)
      guard case .input(let input) = taking.node(name)?.layer, input.shape.count > 1 else {
        throw CheckpointError(
          .sequencePadding, "the model takes no sequence",
          at: model.nodes.first?.location ?? .init())
      }
      self.input = input
    }

    /// The arrays as one batch.
    ///
    /// - Throws: `input.ragged`, `input.shape`, `input.length`.
    func batch(
      _ tensors: [Tensor], _ options: SequenceOptions, _ command: RunCommandLine
    ) throws(CheckpointError) -> SequenceBatch {
      let value = options.padValue ?? model.maskedValue(of: name) ?? 0
      let side = options.pad?.side ?? .end
      var padding = SequencePadding(
        side: side, truncation: options.truncate?.side, value: value, timesteps: options.maxlen)
      if tensors.count == 1, let lengths = options.lengths, tensors[0].rank == input.shape.count {
        let batch = try SequenceBatch(
          batchFirst(tensors[0]), lengths: lengths.numbers, paddedAt: side)
        guard options.padValue != nil || options.maxlen != nil else { return batch }
        if padding.timesteps == nil { padding.timesteps = batch.timesteps }
        return try SequenceBatch(
          padding: batch.lengths.indices.map { row in
            batch.tensor.select(axis: 0, row).slice(axis: 0, batch.range(of: row))
          }, padding)
      }
      let sequences = try self.sequences(tensors)
      if let lengths = options.lengths?.numbers {
        let own = sequences.map { $0.shape[0] }
        guard lengths == own else {
          throw CheckpointError(
            .inputLength, "the lengths are not those of the sequences",
            at: tensors.first?.location.inMemory ?? .init(),
            expected: text(own), found: text(lengths),
            reason: "each array holds one sequence, without padding",
            fixes: [.init(.recur, command.text("--pad \(side.rawValue)"))])
        }
      }
      if Set(sequences.map { $0.shape[0] }).count > 1, options.pad == nil, options.lengths == nil {
        throw RaggedInputs(model, command, tensors, sequences).error
      }
      if padding.timesteps == nil { padding.timesteps = declaredTimesteps(sequences) }
      return try SequenceBatch(padding: sequences, padding)
    }

    /// The timesteps that the model declares, if no sequence is longer.
    private func declaredTimesteps(_ sequences: [Tensor]) -> Int? {
      guard input.shape.count > 2, let own = input.shape[1 - min(input.batchAxis, 1)],
        sequences.allSatisfy({ $0.shape[0] <= own })
      else { return nil }
      return own
    }

    /// The sequences, `[timesteps, …]` each; an array with a batch axis gives one sequence per row.
    private func sequences(_ tensors: [Tensor]) throws(CheckpointError) -> [Tensor] {
      var sequences: [Tensor] = []
      var findings: [Diagnostic] = []
      let rank = input.shape.count
      for (index, tensor) in tensors.enumerated() {
        if tensor.rank == rank - 1 {
          sequences.append(tensor)
        } else if tensor.rank == rank {
          let rows = batchFirst(tensor)
          sequences += (0..<rows.shape[0]).map { rows.select(axis: 0, $0) }
        } else {
          let features = input.shape.dropFirst(2).map { $0.map(String.init) ?? "…" }
          let shape = (["timesteps"] + features).joined(separator: ", ")
          findings.append(
            Diagnostic(
              .inputShape, .error, "array \(index) is no sequence for '\(name)'",
              at: tensor.location, expected: "[\(shape)] or [1, \(shape)]",
              found: shapeText(tensor.shape)))
        }
      }
      if let error = CheckpointError(findings: Array(findings.prefix(20))) { throw error }
      return sequences
    }

    /// The batch with its axes in the order that the model declares.
    func asDeclared(_ batch: Tensor) -> Tensor { batchFirst(batch) }

    private func batchFirst(_ tensor: Tensor) -> Tensor {
      input.batchAxis == 1 ? tensor.exchangingFirstAxes() : tensor
    }

    private func text(_ numbers: [Int]) -> String {
      numbers.prefix(16).map(String.init).joined(separator: ",") + (numbers.count > 16 ? ",…" : "")
    }
  }
#endif
