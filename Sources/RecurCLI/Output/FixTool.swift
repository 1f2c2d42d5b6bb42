import RecurTensors

extension Diagnostic.Fix.Tool {
  /// The command `recur` itself, where a fix is a `recur …` line.
  static let recur = Self(rawValue: "Recur")
}
