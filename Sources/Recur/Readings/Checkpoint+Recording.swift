import RecurFormats
public import RecurTensors
import RecurVerification

extension Checkpoint {
  /// The checkpoint with the one reading of what its file leaves open that computes what was recorded.
  ///
  /// Every combination of answers is opened and run; a file that leaves nothing open has to compute what
  /// was recorded as it is. What was chosen is in ``basis`` and a note says it.
  /// - Parameter recording: an `.npz` with `in_0, …` and `out_0, …`, or a folder of ONNX's model zoo.
  /// - Returns: the checkpoint, with nothing open.
  /// - Throws: `model.reading-undecided` when no reading computes it, or several do; `verify.mismatch`,
  ///   `golden.incomplete` and what reading the file throws.
  public func decided(by recording: String) throws(CheckpointError) -> Checkpoint {
    try decided(by: .given(recording))
  }

  /// The same with a recording in one file or in several.
  package func decided(by recording: GoldenSource) throws(CheckpointError) -> Checkpoint {
    let golden = try recording.read(for: model)
    return try called(as: golden).decided(by: golden, at: recording.path)
  }

  private func decided(
    by golden: GoldenFile, at recording: String
  ) throws(CheckpointError) -> Checkpoint {
    let choices = combinations
    guard choices.count > 1 else {
      let verification = try verify(golden, at: recording)
      let errors = explained(verification.findings).filter { $0.severity == .error }
      if let error = CheckpointError(findings: errors) { throw error }
      return settled([], recording, declared: basis.declared)
    }
    var matching: [(answers: Readings, checkpoint: Checkpoint)] = []
    var tried: [(answers: String, result: String)] = []
    var refusals: [CheckpointError] = []
    for answers in choices {
      var options = options
      options.readings = options.readings.adding(answers)
      let result: String
      do throws(CheckpointError) {
        let candidate = try Checkpoint(opening: path, options: options)
        let verification = try candidate.verify(golden, at: recording)
        if verification.matches { matching.append((answers, candidate)) }
        result = verification.matches ? "as recorded" : "other numbers"
      } catch {
        result = error.diagnostic.message
        refusals.append(error)
      }
      tried.append((answers.words.joined(separator: ", "), result))
    }
    // What no reading can be compared with is said once, unless it is a matter of shapes, which a
    // diagnosis looks into.
    if let refusal = refusals.first, refusals.count == choices.count,
      refusals.allSatisfy({ error in
        let code = error.diagnostic.code
        return code == refusal.diagnostic.code && code != .verifyShape
          && !code.rawValue.hasPrefix("input.")
      })
    {
      throw refusal
    }
    guard let found = matching.first, matching.count == 1 else {
      throw undecided(matching.map(\.answers), tried, recording)
    }
    return found.checkpoint.settled(found.answers.words, recording, declared: basis.declared)
  }

  /// The checkpoint called with as many inputs as were recorded, where states may be left out.
  func called(as golden: GoldenFile) throws(CheckpointError) -> Checkpoint {
    let required = model.requiredInputs
    guard options.inputs == nil, required.count < model.inputs.count else { return self }
    let inputs = [required, model.inputs].first { names in
      !names.isEmpty && golden.inputs.count % names.count == 0
        && golden.inputs.count / names.count == 1
    }
    guard let inputs else { return self }
    var options = options
    options.inputs = inputs
    return try Checkpoint(opening: path, options: options)
  }

  /// Every combination of answers to what is open, also to how arrays are laid out.
  var combinations: [Readings] {
    var answers: [[Readings]] = []
    for reading in openReadings where !answers.contains(reading.answers) {
      var own = reading.answers
      // Rarer than what is offered, and told by a recording all the same.
      if own.contains(where: { $0.timesteps != nil }) {
        own += [Readings.Timesteps.first, .mean, .cell].map { Readings(timesteps: $0) }
      }
      if own.contains(where: { $0.between != nil }) {
        own += Readings.Between.allCases.map { Readings(between: [$0]) }.filter {
          !own.contains($0)
        }
      }
      answers.append(own)
    }
    return answers.reduce([Readings()]) { combined, own in
      own.isEmpty ? combined : combined.flatMap { one in own.map { one.adding($0) } }
    }
  }

  private func settled(
    _ words: [String], _ recording: String, declared: [String]
  ) -> Checkpoint {
    var copy = self
    copy.openReadings = []
    copy.basis.assumed = []
    copy.basis.declared = declared
    copy.diagnostics.removeAll { $0.code == .architectureAssumed }
    copy.basis.recorded = [recording] + words
    return copy
  }

  /// What came of the first readings, and how often what came of the others.
  private static func notes(_ tried: [(answers: String, result: String)]) -> [String] {
    let (shown, others) = (tried.prefix(8), tried.dropFirst(8))
    let named = shown.map { "\($0.answers): \($0.result)" }
    guard !others.isEmpty else { return named }
    var counts: [(result: String, count: Int)] = []
    for one in others {
      if let index = counts.firstIndex(where: { $0.result == one.result }) {
        counts[index].count += 1
      } else {
        counts.append((one.result, 1))
      }
    }
    let rest = counts.prefix(4).map { "\($0.count) × \($0.result)" }.joined(separator: ", ")
    return named + ["\(others.count) other readings: \(rest)"]
  }

  private func undecided(
    _ matching: [Readings], _ tried: [(answers: String, result: String)], _ recording: String
  ) -> CheckpointError {
    let questions = questions.map(\.question).joined(separator: ", nor ")
    // No option says how arrays are laid out; a declaration does.
    let isSayable = matching.allSatisfy { $0.isBatchFirst != false }
    let remedies: [Diagnostic.Remedy] =
      matching.isEmpty
      ? [.diagnose]
      : isSayable
        ? matching.map { answers in
          var said = options.readings.adding(answers)
          said.isBatchFirst = nil
          return .answer(said)
        } : [.declareModel]
    let finding = Diagnostic(
      .modelReadingUndecided, .error,
      matching.isEmpty
        ? "no answer to what the file leaves open computes what was recorded"
        : "the recording does not decide \(questions): \(matching.count) answers compute it",
      at: .init(file: recording), remedies: remedies, notes: Self.notes(tried))
    return CheckpointError(finding.explained(by: convention))
  }
}

extension Readings {
  /// What is answered, in words.
  var words: [String] {
    [
      timesteps.map { timesteps in
        switch timesteps {
        case .all: "every timestep is read"
        case .last: "the last timestep is read"
        case .first: "the first timestep is read"
        case .mean: "the mean of all timesteps is read"
        case .hidden: "the final hidden state is read"
        case .cell: "the final cell state is read"
        }
      },
      nonlinearity.map { "plain cells apply \($0)" },
      between.map { between in
        between == [.none]
          ? "nothing is applied between modules"
          : "\(between.map(\.rawValue).joined(separator: ", ")) is applied between modules"
      },
      order.map { "layers are called in the order \($0.joined(separator: ", "))" },
      isBatchFirst.map { $0 ? "the batch is the first axis" : "the timesteps are the first axis" },
    ].compactMap { $0 }
  }
}

extension Diagnostic.Code {
  /// A recording does not decide what the file leaves open.
  public static let modelReadingUndecided = Self(rawValue: "model.reading-undecided")
}
