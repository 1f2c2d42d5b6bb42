import RecurTensors

extension Diagnostic.Fix.Tool {
  /// The recur command.
  static let recur = Self(rawValue: "Recur")
}
