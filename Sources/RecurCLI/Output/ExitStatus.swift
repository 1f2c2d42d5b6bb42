#if CommandLine
  import ArgumentParser
  import Recur
  import RecurFormats
  import RecurModel
  import RecurTensors
  import RecurVerification

  /// The exit statuses of the command; `recur --help` lists them.
  enum ExitStatus {
    /// The file was read, and something does not hold.
    static let doesNotHold = ExitCode(1)
    /// A file can't be read, understood or written.
    static let unusable = ExitCode(2)

    /// The codes of findings about a model that was read, as opposed to errors of reading it.
    private static let judgements: Set<Diagnostic.Code> = [
      .tensorShapeMismatch, .tensorMissing, .tensorUnused, .shapeMismatch, .verifyShape,
      .verifyMismatch, .tensorNotFinite, .verifyAmbiguous, .verifyUnexplained, .verifyNotRepaired,
      .tensorOverflow, .verifyBudget, .convertWarnings, .modelWithoutCode,
    ]

    /// A bug in this program.
    static let bug = ExitCode(70)

    static func of(_ error: CheckpointError) -> ExitCode {
      if error.diagnostic.code == .convertVerificationFailed { return bug }
      return error.diagnostics.allSatisfy { $0.severity != .error || judgements.contains($0.code) }
        ? doesNotHold : unusable
    }
  }
#endif
