public import Recur
public import Testing

/// Expects a checkpoint to open without errors and to compute what was recorded.
///
///     @Test func model() { expectCheckpoint("model.h5", golden: "model.golden.npz") }
///
/// A failure shows what `recur validate` prints.
///
/// - Parameters:
///   - path: a file of any format that can be read.
///   - golden: an `.npz` with `in_0, …` and `out_0, …`; nil checks the file alone.
///   - options: what else is known of the file.
///   - tolerance: replaces the derived tolerance.
///   - sourceLocation: where a failure is shown.
/// - Returns: the checkpoint, or nil for a file that can't be opened.
@discardableResult
public func expectCheckpoint(
  _ path: String, golden: String? = nil, options: OpeningOptions = .init(),
  tolerance: Verification.RequestedTolerance? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) -> Checkpoint? {
  func report(_ diagnostics: [Diagnostic]) {
    let errors = diagnostics.filter { $0.severity == .error }
    guard !errors.isEmpty else { return }
    let text = errors.map(DiagnosticRenderer().text).joined(separator: "\n")
    Issue.record(Comment(rawValue: text), sourceLocation: sourceLocation)
  }
  do throws(CheckpointError) {
    let checkpoint = try Checkpoint(opening: path, options: options)
    report(checkpoint.diagnostics)
    guard let golden else { return checkpoint }
    do throws(CheckpointError) {
      report(try checkpoint.verify(golden: golden, tolerance: tolerance).findings)
    } catch {
      report(error.diagnostics)
    }
    return checkpoint
  } catch {
    report(error.diagnostics)
    return nil
  }
}
