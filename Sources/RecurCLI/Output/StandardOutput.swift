import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard output with errors; `print` ignores a full disk or a closed pipe.
enum StandardOutput {
  /// Writes `text` and a newline.
  ///
  /// - Throws: `file.unwritable`.
  static func write(_ text: String) throws(CheckpointError) { try put(text + "\n", STDOUT_FILENO) }

  static func writeError(_ text: String) { try? put(text + "\n", STDERR_FILENO) }

  /// Writes every finding of `error` to standard error.
  static func writeErrors(_ error: CheckpointError) {
    let renderer = DiagnosticRenderer()
    for diagnostic in error.diagnostics { writeError(renderer.text(diagnostic)) }
  }

  /// Writes `text` to standard error without a newline.
  static func writeStatus(_ text: String) { try? put(text, STDERR_FILENO) }

  /// Whether `descriptor` is a terminal.
  static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

  private static func put(_ text: String, _ descriptor: CInt) throws(CheckpointError) {
    let bytes = Array(text.utf8)
    guard unsafe writeAll(bytes.span.bytes, to: descriptor) else {
      throw CheckpointError(.fileUnwritable, "can't write to standard output: \(systemError())")
    }
  }
}
