import RecurFormats
public import RecurTensors

extension Checkpoint {
  /// Runs `body` and puts the errors that `body` throws into the words of the model's framework.
  ///
  /// A ``Model`` knows no framework, so its errors name possible fixes as values. This
  /// function adds each fix as code of the framework.
  ///
  ///     let outputs = try checkpoint.explaining { try checkpoint.model.run([x]) }
  ///
  /// - Throws: what `body` throws.
  public func explaining<Result>(
    _ body: () throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    try convention.explaining(recordedBy: FormatRegistry.all.conventions, body)
  }

  /// Findings about the model in the words of its framework.
  public func explained(_ findings: [Diagnostic]) -> [Diagnostic] {
    findings.map { $0.explained(by: convention, recordedBy: FormatRegistry.all.conventions) }
  }
}
