import RecurFormats
public import RecurTensors

extension Checkpoint {
  /// The questions whose answers change what the model computes.
  var questions: [OpenReading] { openReadings.filter(\.changesModel) }

  /// Refuses to write what computes while the file leaves open what that is.
  ///
  /// - Parameter encode: makes a model ready to be written.
  /// - Throws: `model.reading-open`, with the answers to choose from; what `encode` throws when the model
  ///   can't be written for any of them.
  func checkAnswered(
    _ encode: (Model) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let questions = questions
    guard !questions.isEmpty else { return }
    let offered = try writable(answers(to: questions), encode)
    let finding = Diagnostic(
      .modelReadingOpen, .error,
      "the file does not say " + questions.map(\.question).joined(separator: ", nor "),
      at: .init(file: path), reason: "its tensors are the same for every answer",
      remedies: offered.map { .answer(options.readings.adding($0)) }
        + [.declareModel]
    ).advising("choose one; a recording can choose: \(.recording)")
    throw CheckpointError(finding.explained(by: convention))
  }

  /// Those answers with which the model can be written.
  ///
  /// - Throws: why it can't be written with any of them, nor as it was assumed.
  private func writable(
    _ answers: [Readings], _ encode: (Model) throws(CheckpointError) -> Void
  ) throws(CheckpointError) -> [Readings] {
    var writable: [Readings] = []
    var problem: CheckpointError?
    for answer in answers {
      var options = options
      options.readings = options.readings.adding(answer)
      do throws(CheckpointError) {
        try encode(try Checkpoint(opening: path, options: options).model)
        writable.append(answer)
      } catch {
        problem = problem ?? error
      }
    }
    if answers.isEmpty { try encode(model) }
    if let problem, writable.isEmpty { throw problem }
    return writable
  }

  /// Some combinations of answers to all questions; none where a question has no answers to choose
  /// from.
  private func answers(to questions: [OpenReading]) -> [Readings] {
    // What a model does most often comes first: one timestep is read, and not all.
    let ordered = questions.map { question in
      // Which function stands at which place is for a recording, or for a declaration.
      let offered = question.answers.filter { $0.between?.count ?? 1 == 1 }
      return offered.filter { $0.timesteps?.isPart == true }
        + offered.filter { $0.timesteps?.isPart != true }
    }
    var seen: Set<[Readings]> = []
    let combined = ordered.reversed().filter { seen.insert($0).inserted }
      .reduce([Readings()]) { combined, own in
        combined.flatMap { one in own.map { one.adding($0) } }
      }
    return Array(combined.prefix(6))
  }
}

extension Readings.Timesteps {
  /// Whether it is less than the whole sequence.
  fileprivate var isPart: Bool { self != .all }
}

extension Diagnostic.Code {
  /// The file leaves open what is computed, and a model that says it was to be written.
  public static let modelReadingOpen = Self(rawValue: "model.reading-open")
}
