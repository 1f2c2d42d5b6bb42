#if CommandLine
  import RecurTensors

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// The page that GitHub Actions shows for a step: Markdown appended to the file that
  /// `GITHUB_STEP_SUMMARY` names (GitHub Docs, "Adding a job summary").
  enum StepSummary {
    /// The largest summary that GitHub shows; of a longer one GitHub shows nothing.
    private static let limit = 1_048_576

    /// Appends the report if a workflow asks for it and the file has room.
    ///
    /// - Throws: `file.unwritable`.
    static func append(_ report: CommandReport) throws(CheckpointError) {
      guard let variable = unsafe getenv("GITHUB_STEP_SUMMARY") else { return }
      let path = unsafe String(cString: variable)
      guard !path.isEmpty else { return }
      func failure() -> CheckpointError {
        CheckpointError(
          .fileUnwritable, "can't append to $GITHUB_STEP_SUMMARY: \(systemError())",
          at: .init(file: path))
      }
      let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw failure() }
      defer { close(descriptor) }
      var status = stat()
      guard unsafe fstat(descriptor, &status) == 0 else { throw failure() }
      let bytes = Array(MarkdownReport.text(report).utf8)
      guard Int(status.st_size) + bytes.count < limit else { return }
      guard unsafe writeAll(bytes.span.bytes, to: descriptor) else { throw failure() }
    }
  }
#endif
