import RecurFormats
import RecurTensors

extension Checkpoint {
  /// The questions whose answers change what the model computes.
  var questions: [OpenReading] { openReadings.filter(\.changesModel) }

  /// Refuses to write what computes while the file leaves open what that is.
  ///
  /// - Throws: `model.reading-open`, with the answers to choose from.
  func checkAnswered() throws(CheckpointError) {
    let questions = questions
    guard !questions.isEmpty else { return }
    let finding = Diagnostic(
      .modelReadingOpen, .error,
      "the file does not say " + questions.map(\.question).joined(separator: ", nor "),
      at: .init(file: path), reason: "its tensors are the same for every answer",
      remedies: answers(to: questions).map { .answer(options.readings.adding($0)) }
        + [.declareModel]
    ).advising("choose one; a recording can choose: \(.recording)")
    throw CheckpointError(finding.explained(by: convention))
  }

  /// Some combinations of answers to all questions; none where a question has no answers to choose
  /// from.
  private func answers(to questions: [OpenReading]) -> [Readings] {
    // What a model does most often comes first: one timestep is read, and not all.
    let ordered = questions.map { question in
      question.answers.filter { $0.timesteps?.isPart == true }
        + question.answers.filter { $0.timesteps?.isPart != true }
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
  package static let modelReadingOpen = Self(rawValue: "model.reading-open")
}
