#if CommandLine
  import RecurTensors

  /// A report for people: results on standard output, diagnostics on standard error.
  struct TextReport {
    private let options: OutputOptions

    init(_ options: OutputOptions) { self.options = options }

    func print(_ report: CommandReport) throws(CheckpointError) {
      guard report.isFleet else {
        let lines = report.files.flatMap(lines)
        if options.quiet {
          for line in report.files.flatMap(\.firmLines) { try StandardOutput.write(line) }
        } else if !lines.isEmpty {
          try StandardOutput.write(lines.joined(separator: "\n"))
        }
        return printErrors(report.diagnostics)
      }
      printErrors(report.findings)
      for line in runLines(report) { try StandardOutput.write(line) }
    }

    /// One line and the diagnostics for one of several files.
    func print(_ file: FileReport) throws(CheckpointError) {
      if !options.quiet || file.verdict == "FAIL" { try StandardOutput.write(line(file)) }
      printErrors(file.diagnostics)
    }

    /// The whole report as one text, for a file.
    func text(_ report: CommandReport) -> String {
      let renderer = DiagnosticRenderer()
      var lines: [String] = []
      for file in report.files {
        lines += report.isFleet ? [line(file)] : self.lines(file)
        lines += file.diagnostics.map(renderer.text)
      }
      lines += report.findings.map(renderer.text)
      if report.isFleet { lines += runLines(report) }
      return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ file: FileReport) -> [String] {
      file.lines + (file.suppressed.text.map { [$0] } ?? []) + (file.verdictLine.map { [$0] } ?? [])
    }

    private func line(_ file: FileReport) -> String {
      "\(file.verdict ?? "") " + (file.lines.first ?? file.file.map { escaped($0) } ?? "")
        + (file.verdict == file.good ? file.coverageText : "")
        + ([file.remark, file.basis].compactMap { $0 }.map { ", " + $0 }.joined())
    }

    private func runLines(_ report: CommandReport) -> [String] {
      (report.suppressed.text.map { [$0] } ?? []) + report.lines + [report.summaryLine]
    }

    private func printErrors(_ diagnostics: [Diagnostic]) {
      let renderer = DiagnosticRenderer(isColored: options.isColored)
      for diagnostic in diagnostics where !options.quiet || diagnostic.severity == .error {
        StandardOutput.writeError(renderer.text(diagnostic))
      }
    }
  }
#endif
