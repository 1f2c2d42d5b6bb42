#if CommandLine
  import ArgumentParser

  /// How a command prints.
  struct PrintingOptions: ParsableArguments {
    @Option(
      help: """
        How to print: text for people; json, ndjson, junit, sarif for programs; github for \
        annotations of a workflow; markdown for a comment; html for a page with pictures.
        """)
    var format = OutputFormat.text

    @Option(
      name: .customLong("report"),
      help: ArgumentHelp(
        "Also write the report to a file: junit=report.xml. May be repeated.",
        valueName: "format=file"), completion: .file(), transform: ReportTarget.init(parsing:))
    var reports: [ReportTarget] = []

    @Option(
      help: """
        Colour in diagnostics: auto means on a terminal only, unless the environment has NO_COLOR or \
        FORCE_COLOR.
        """)
    var color = ColorChoice.auto

    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false

    /// The same for a command that finds nothing, so that there is nothing to choose from.
    func alone() throws -> OutputOptions {
      try OutputOptions.parse(
        ["--format", format.rawValue, "--color", color.rawValue] + (quiet ? ["--quiet"] : [])
          + reports.flatMap { ["--report", "\($0.format.rawValue)=\($0.path)"] })
    }
  }
#endif
