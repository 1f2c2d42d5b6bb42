public import RecurTensors

extension GoldenAudit {
  /// A warning of the mistakes that the recording doesn't show; nothing when it shows every one.
  package func findings(golden: String) -> [Diagnostic] { weakness(.warning, golden) }

  /// The same as a note with few words, for a recording that was compared.
  package func notes(golden: String) -> [Diagnostic] { weakness(.note, golden) }

  private func weakness(_ severity: Diagnostic.Severity, _ golden: String) -> [Diagnostic] {
    let hidden = invisible
    guard !hidden.isEmpty else { return [] }
    let named = hidden.prefix(3).map(\.claim).joined(separator: "; ")
    return [
      Diagnostic(
        .goldenWeak, severity,
        "the recording can't tell \(hidden.count) of \(mistakes.count) known mistakes from what is right",
        at: .init(file: golden),
        expected: "a recording with " + advice.joined(separator: "; and with "),
        found: named + (hidden.count > 3 ? "; and \(hidden.count - 3) more" : ""),
        remedies: severity == .note ? [.auditRecording] : [])
    ]
  }
}

extension Diagnostic.Code {
  /// The recording would pass with mistakes in the model.
  public static let goldenWeak = Self(rawValue: "golden.weak")
}
