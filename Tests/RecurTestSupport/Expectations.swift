package import RecurTensors
package import Testing

/// Expects `body` to throw an error whose first diagnostic has `code`; returns that diagnostic.
@discardableResult
package func expectDiagnostic<Result: ~Copyable>(
  _ code: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) -> Diagnostic? {
  do {
    _ = try body()
    Issue.record("nothing was thrown; expected \(code)", sourceLocation: sourceLocation)
    return nil
  } catch let error as CheckpointError {
    #expect(error.diagnostic.code.rawValue == code, sourceLocation: sourceLocation)
    return error.diagnostic
  } catch {
    Issue.record("\(error) is no CheckpointError", sourceLocation: sourceLocation)
    return nil
  }
}
