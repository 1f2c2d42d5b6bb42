import RecurTensors

extension Diagnostic.Fix.Place {
  /// The recur command.
  static let recur = Self(rawValue: "Recur")
}
