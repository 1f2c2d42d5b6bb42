import RecurModel
import RecurTensors

extension Hypothesis {
  /// Mistake: the recording has the batch on the axis of the model's timesteps.
  static func axes(in model: Model) -> [Hypothesis] {
    var hypothesis = Hypothesis(
      kind: .axes, claim: "the recording has its first two axes exchanged",
      expected: "[batch, timesteps, features]", found: "[timesteps, batch, features]",
      facts: [.difference(.timeFirstRecording)]
    ) { (trial: Trial) throws(CheckpointError) -> Trial? in
      var (copy, isChanged) = (trial, false)
      copy.model = SampleInputs.relaxed(trial.model)
      for (index, tensor) in trial.inputs.enumerated() where tensor.rank == 3 {
        copy.inputs[index] = tensor.exchangingFirstAxes()
        isChanged = true
      }
      for (index, tensor) in trial.outputs.enumerated() where tensor.rank == 3 {
        copy.outputs[index] = tensor.exchangingFirstAxes()
      }
      return isChanged ? copy : nil
    }
    hypothesis.repairsModel = false
    hypothesis.remedies = [.code(.init(.numpy, "x = x.transpose(1, 0, 2)")), .putBatchFirst]
    return [hypothesis]
  }

  /// Mistake: the recording was made without masks, or with another rule for masked timesteps.
  static func masks(in model: Model) -> [Hypothesis] {
    guard model.nodes.contains(where: { $0.mask != nil }) else { return [] }
    var without = Hypothesis(
      kind: .mask, claim: "the recording was made without the mask",
      expected: "masked timesteps are skipped", found: "every timestep counts",
      facts: [.difference(.masks)]
    ) { trial in
      var copy = trial
      for index in copy.model.nodes.indices { copy.model.nodes[index].mask = nil }
      return copy
    }
    without.repairsModel = false
    without.remedies = [
      .recording("record from the model with its mask, or on input without padding")
    ]
    var result = [without]
    let takesStates = model.nodes.contains { !$0.initialState.isEmpty }
    for wanted in [Recurrent.MaskedOutput.previous, .zero, .state] {
      var hypothesis = Hypothesis(
        kind: .mask,
        claim: "masked timesteps put out \(wanted.words)", expected: wanted.words,
        found: "another rule for masked timesteps",
        facts: [.difference(.maskedOutput)]
      ) { (trial: Trial) throws(CheckpointError) -> Trial? in
        var (copy, isChanged) = (trial, false)
        for index in copy.model.nodes.indices where copy.model.nodes[index].mask != nil {
          copy.model.nodes[index].layer = copy.model.nodes[index].layer.mappingRecurrents {
            var recurrent = $0
            isChanged = isChanged || recurrent.maskedOutput != wanted
            recurrent.maskedOutput = wanted
            return recurrent
          }
        }
        return isChanged ? copy : nil
      }
      // From a state of zeros, the state as it is carried over is the output before.
      hypothesis.isAudited = wanted != .state || takesStates
      result.append(hypothesis)
    }
    return result
  }

  /// Mistake: the recording began with other initial states.
  static func initialStates(in model: Model) -> [Hypothesis] {
    guard model.nodes.contains(where: { !$0.initialState.isEmpty }) else { return [] }
    var ignored = Hypothesis(
      kind: .initialState, claim: "the recording began with states of zeros",
      expected: "the initial state that is given", found: "zeros",
      reason: "the state was not passed on: layer(x) in place of layer(x, initial_state=state)"
    ) { trial in
      guard trial.givesStates else { return nil }
      var copy = trial
      for index in copy.model.nodes.indices { copy.model.nodes[index].initialState = [] }
      return copy
    }
    ignored.repairsModel = false
    ignored.remedies = [.recording("pass the state on when recording")]
    var exchanged = Hypothesis(
      kind: .initialState, claim: "h and c of the initial state are exchanged",
      expected: "h, c", found: "c, h",
      facts: [.difference(.stateOrder)]
    ) { trial in
      guard trial.givesStates else { return nil }
      var (copy, isChanged) = (trial, false)
      for index in copy.model.nodes.indices {
        guard case .recurrent(let recurrent) = copy.model.nodes[index].layer,
          case .lstm = recurrent.cell, copy.model.nodes[index].initialState.count == 2
        else { continue }
        copy.model.nodes[index].initialState.swapAt(0, 1)
        isChanged = true
      }
      return isChanged ? copy : nil
    }
    exchanged.repairsModel = false
    exchanged.remedies = [.recording("record with the states as h, c")]
    return [ignored, exchanged]
  }

  /// Mistake: the recording was made with weights rounded to 16 bits.
  static func roundings(in model: Model) -> [Hypothesis] {
    [ElementType.float16, .bfloat16].map { type in
      var weights = Hypothesis(
        kind: .rounding, claim: "the recording was made with weights rounded to \(type)",
        expected: "the weights of the file", found: "the same, rounded to \(type)",
        reason: "the model that was recorded had been saved or loaded as \(type)"
      ) { (trial: Trial) throws(CheckpointError) -> Trial? in
        var copy = trial
        for index in copy.model.nodes.indices {
          copy.model.nodes[index].layer = try copy.model.nodes[index].layer.mappingTensors {
            (tensor: Tensor) throws(CheckpointError) -> Tensor in
            guard tensor.elementType.isFloatingPoint else { return tensor }
            return try tensor.replacingNumbers(tensor.doubles().map { type.rounded($0) })
          }
        }
        return copy
      }
      weights.repairsModel = false
      weights.remedies = [.recording("record from the weights of this file")]
      return weights
    }
  }
}

extension Diagnostic.Remedy {
  /// A remedy: the NumPy call that makes the right recording.
  static func recording(_ text: String) -> Self { .code(.init(.numpy, text)) }
}

extension Hypothesis.Trial {
  /// Whether the recording gives the optional states.
  fileprivate var givesStates: Bool {
    model.inputs.count == model.requiredInputs.count || inputs.count % model.inputs.count == 0
  }
}

extension Recurrent.MaskedOutput {
  /// The rule in words.
  fileprivate var words: String {
    switch self {
    case .previous: "the output before them"
    case .zero: "zeros"
    case .state: "the state as it is carried over"
    }
  }
}
