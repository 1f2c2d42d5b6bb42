#if CommandLine
  import Recur
  import RecurTensors

  /// A report as one HTML page.
  enum PageReport {
    static func text(_ report: CommandReport) -> String {
      guard !report.isFleet, let file = report.files.first else { return fleet(report) }
      return page(of: file, command: report.command).html
    }

    /// The page of one file, with its pictures where there are some.
    static func page(of file: FileReport, command: String) -> HTMLReport {
      let verdict = file.verdictLine ?? (file.hasFailed ? "FAIL" : "done")
      var page =
        file.page
        ?? HTMLReport(
          title: file.file ?? "recur \(command)", verdict: verdict, isGood: true, findings: [],
          lines: [])
      page.verdict = verdict
      page.isGood = !file.hasFailed
      page.findings = file.diagnostics
      page.lines = file.lines
      return page
    }

    private static func fleet(_ report: CommandReport) -> String {
      HTMLReport(
        title: "recur \(report.command)", verdict: report.summaryLine,
        isGood: report.failed == 0 && report.count(.error) == 0, findings: report.diagnostics,
        lines: report.files.map { "\($0.verdict ?? "FAIL")  \($0.file ?? "")" }
      ).html
    }
  }
#endif
