/// The only error this package throws: the finding that stopped the work, and all other findings.
public struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first error found.
  public var diagnostic: Diagnostic
  /// The other findings before the work stopped, in the order in which they were found.
  public var others: [Diagnostic]

  /// Every finding, the first one first.
  public var diagnostics: [Diagnostic] { [diagnostic] + others }

  /// Makes an error of one finding.
  public init(_ diagnostic: Diagnostic, others: [Diagnostic] = []) {
    self.diagnostic = diagnostic
    self.others = others
  }

  /// Makes an error of one finding of severity *error*.
  public init(
    _ code: Diagnostic.Code, _ message: String, at location: Diagnostic.Location = .init(),
    expected: String? = nil, found: String? = nil, reason: String? = nil, hint: String? = nil,
    fixes: [Diagnostic.Fix] = [], remedies: [Diagnostic.Remedy] = [],
    facts: [Diagnostic.Fact] = [], notes: [String] = []
  ) {
    self.init(
      Diagnostic(
        code, .error, message, at: location, expected: expected, found: found, reason: reason,
        hint: hint, fixes: fixes, remedies: remedies, facts: facts, notes: notes))
  }

  /// Makes an error of all `findings`, or nil when none of them is an error.
  ///
  /// Errors come first, so that `diagnostic` says why the work stopped.
  public init?(findings: [Diagnostic]) {
    let errors = findings.filter { $0.severity == .error }
    guard let first = errors.first else { return nil }
    self.init(first, others: errors.dropFirst() + findings.filter { $0.severity != .error })
  }

  /// The same error with every finding changed.
  package func mapping(_ change: (Diagnostic) -> Diagnostic) -> CheckpointError {
    CheckpointError(change(diagnostic), others: others.map(change))
  }

  /// Every finding, rendered as text.
  public var description: String {
    let renderer = DiagnosticRenderer()
    return diagnostics.map(renderer.text).joined(separator: "\n")
  }
}

/// Runs `body` and completes the location of an error that `body` throws (file name, object path).
///
/// - Throws: what `body` throws, with the missing parts of the location filled in.
package func locating<R: ~Copyable>(
  file: String? = nil, object: String? = nil,
  _ body: () throws(CheckpointError) -> R
) throws(CheckpointError) -> R {
  do throws(CheckpointError) {
    return try body()
  } catch {
    throw error.mapping { $0.located(file: file, object: object) }
  }
}

extension Diagnostic.Code {
  /// The file, or a structure in it, is shorter than it says.
  public static let bytesTruncated = Self(rawValue: "bytes.truncated")
  /// The file can't be opened or mapped into memory.
  public static let fileUnreadable = Self(rawValue: "file.unreadable")
  /// The file has no bytes.
  public static let fileEmpty = Self(rawValue: "file.empty")
  /// An output can't be written.
  public static let fileUnwritable = Self(rawValue: "file.unwritable")
  /// The output would take the place of a file that is needed or already there.
  public static let fileExists = Self(rawValue: "file.exists")
  /// A tensor does not have the shape that its layer declares.
  public static let tensorShapeMismatch = Self(rawValue: "tensor.shape-mismatch")
  /// A tensor's shape needs another number of bytes than are stored.
  public static let tensorBytesMismatch = Self(rawValue: "tensor.bytes-mismatch")
  /// A tensor appears twice.
  public static let tensorDuplicate = Self(rawValue: "tensor.duplicate")
  /// The file asks for more than recur spends on one file.
  public static let limitExceeded = Self(rawValue: "bytes.limit-exceeded")
}
