public import RecurTensors

/// A question that a file leaves open about its model.
public struct OpenReading: Hashable, Sendable {
  /// The question in words: `which timestep 'fc' reads of 'lstm'`.
  public var question: String
  /// The answers that fit, the one that is assumed first; none where only a description of the whole
  /// model can answer.
  public var answers: [Readings]
  /// Whether the answer changes what the model computes; else only how its caller lays out arrays.
  public var changesModel: Bool

  /// Asks a question.
  package init(_ question: String, answers: [Readings], changesModel: Bool = true) {
    self.question = question
    self.answers = answers
    self.changesModel = changesModel
  }
}

/// Where it is said how the weights of a file are computed with, besides in the file itself.
public struct ModelBasis: Hashable, Sendable {
  /// What was assumed, in words.
  public var assumed: [String] = []
  /// What was said: files, and answers in words.
  public var declared: [String] = []
  /// What a recording decided, in words: one reading alone computes what was recorded.
  public var recorded: [String] = []

  /// The file says it all.
  public init() {}

  private var parts: [(title: String, details: [String])] {
    [("declared", declared), ("assumed", assumed), ("recorded", recorded)].filter {
      !$0.1.isEmpty
    }
  }

  /// A few words for reports, `as assumed`; nil when the file says it all.
  public var title: String? {
    parts.isEmpty ? nil : "as " + parts.map(\.title).joined(separator: " and ")
  }

  /// The same with what was declared, assumed or decided.
  public var text: String? {
    parts.isEmpty
      ? nil
      : parts.map { "as \($0.title): \($0.details.joined(separator: "; "))" }
        .joined(separator: "; ")
  }
}
