#if CommandLine
  import Recur
  import RecurInference
  import RecurModel
  import RecurTensors

  /// The inputs of a model: arrays by position, or sequences for one batch.
  enum RunInputs {
    /// The arrays of every call, one call after the other.
    case calls([[Tensor]])
    /// Sequences of one length or of several.
    case sequences(SequenceBatch)

    /// Decides between arrays by position and sequences.
    ///
    /// - Throws: `input.ragged` for sequences of different lengths when nothing says how they become
    ///   one array, `input.count`, `input.shape` and `input.length`.
    init(
      _ tensors: [Tensor], for model: Model, _ options: SequenceOptions, _ stream: StreamOptions,
      _ command: RunCommandLine
    ) throws(CheckpointError) {
      // A state from a file replaces the inputs for initial states.
      let names = Set(model.nodesWithChosenState.map { Name($0.name) })
      let model = stream.state == nil ? model : model.keepingStates(of: names, continues: true)
      if !options.areGiven, let calls = Self.calls(tensors, model, isStream: stream.isStream) {
        self = .calls(calls)
        return
      }
      guard options.areGiven || tensors.count > 1, let input = try? SequenceInput(model) else {
        if options.areGiven { _ = try SequenceInput(model) }
        throw CheckpointError(
          .inputCount,
          "the model takes \(model.inputs.count) inputs and was given \(tensors.count)",
          expected: model.inputs.joined(separator: ", "), found: "\(tensors.count) arrays")
      }
      let batch = try input.batch(tensors, options, command)
      self = options.noMask ? .calls([[input.asDeclared(batch.tensor)]]) : .sequences(batch)
    }

    /// The arrays by position, for one call, or for several calls of a model that keeps its state.
    private static func calls(
      _ tensors: [Tensor], _ model: Model, isStream: Bool
    ) -> [[Tensor]]? {
      let (all, required) = (model.inputs.count, model.requiredInputs.count)
      guard !tensors.isEmpty else { return nil }
      if tensors.count == all, all > required, looksLikeSequences(tensors, model) {
        return isStream ? tensors.map { [$0] } : nil
      }
      if tensors.count == all || tensors.count == required { return [tensors] }
      guard isStream || model.isStateful else { return nil }
      if isStream, model.hasGivenState, required > 1 { return continued(tensors, model) }
      let count = tensors.count % all == 0 && all == required ? all : required
      guard count > 0, tensors.count % count == 0 else { return nil }
      return stride(from: 0, to: tensors.count, by: count).map {
        Array(tensors[$0..<$0 + count])
      }
    }

    /// The calls of a stream whose first call alone has initial states.
    private static func continued(_ tensors: [Tensor], _ model: Model) -> [[Tensor]] {
      let first = Array(tensors.prefix(model.requiredInputs.count))
      return [first] + tensors.dropFirst(first.count).map { [$0] }
    }

    /// Whether arrays, as many as all inputs of the model, are more likely several sequences for
    /// the first input, because they don't fit the other inputs.
    private static func looksLikeSequences(_ tensors: [Tensor], _ model: Model) -> Bool {
      let shapes = tensors.map { $0.shape.map(Dimension.fixed) }
      guard !ModelShapes(model, inputShapes: shapes).findings.isEmpty else { return false }
      guard case .input(let input) = model.node(model.inputs[0])?.layer,
        let width = input.shape.last ?? nil
      else { return false }
      return tensors.allSatisfy { $0.shape.last == width && $0.rank == input.shape.count }
    }
  }
#endif
