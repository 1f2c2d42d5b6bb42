#if CommandLine
  import Recur
  import RecurTensors

  /// Where a report goes: standard output in one format, files in any.
  struct ReportOutput {
    let options: OutputOptions

    init(_ options: OutputOptions) { self.options = options }

    /// The files to write besides standard output.
    private var targets: [String] {
      options.reports.map(\.path) + (options.writeBaseline.map { [$0] } ?? [])
    }

    /// Refuses files that can't be written or would overwrite an input, before any work is done.
    ///
    /// - Parameter inputs: files that are read but not named on the command line.
    /// - Throws: `file.exists`, `file.unwritable`.
    func checkTargets(inputs: [String] = []) throws(CheckpointError) {
      let targets = targets
      for (index, target) in targets.enumerated() {
        try checkOutput(target, inputs: inputs + CommandLineFiles.inputs, replacing: true)
        for other in targets[..<index] { try checkDistinct(other, target) }
        // The file is dropped at once. This only tests whether the folder can be written.
        _ = try AtomicFile(replacing: target)
      }
    }

    /// Refuses to write over `input`, a file that is read.
    ///
    /// - Throws: `file.exists`, `file.unwritable`.
    func checkTargets(against input: String) throws(CheckpointError) {
      for target in targets { try checkOutput(target, inputs: [input], replacing: true) }
    }

    /// Prints lines of an earlier report.
    ///
    /// - Throws: `file.unwritable`.
    func printLines(_ text: String) throws(CheckpointError) { try put(text) }

    /// Writes the reports that go to files, and the baseline.
    ///
    /// - Throws: `file.exists` when the command itself wrote one of them, `file.unwritable`.
    func writeFiles(_ report: CommandReport, recorded: Baseline) throws(CheckpointError) {
      for target in options.reports {
        try checkOutput(target.path, inputs: CommandLineFiles.inputs, replacing: true)
        try write(text(report, as: target.format), to: target.path)
      }
      if let path = options.writeBaseline {
        try checkOutput(path, inputs: CommandLineFiles.inputs, replacing: true)
        try write(recorded.text, to: path)
      }
    }

    /// The line about a baseline that was written, in text.
    func written(_ recorded: Baseline) -> [String] {
      options.writeBaseline.map {
        ["wrote \(escaped($0)) (\(count(recorded.count, "finding")) accepted)"]
      } ?? []
    }

    private func write(_ text: String, to path: String) throws(CheckpointError) {
      var file = try AtomicFile(replacing: path)
      try file.write(Array(text.utf8))
      try file.commit()
    }

    /// Prints the report on standard output; for several files, only the part that `printFile` has
    /// not printed.
    ///
    /// - Throws: `file.unwritable`.
    func print(_ report: CommandReport) throws(CheckpointError) {
      switch options.format {
      case .text: try TextReport(options).print(report)
      case .ndjson where report.isFleet:
        try put(NDJSONReport.runLines(report))
      case .json, .ndjson, .junit, .sarif, .markdown, .html:
        try put(text(report, as: options.format))
      case .github:
        try put(text(report, as: .github))
        try StepSummary.append(report)
      }
    }

    /// Prints the report of one of several files at once, in the formats that are lists.
    ///
    /// - Throws: `file.unwritable`.
    func printFile(_ file: FileReport, command: String) throws(CheckpointError) {
      switch options.format {
      case .text: try TextReport(options).print(file)
      case .ndjson: try put(NDJSONReport.lines(file, command: command))
      case .json, .junit, .sarif, .github, .markdown, .html: break
      }
    }

    private func put(_ text: String) throws(CheckpointError) {
      var text = text
      if text.last == "\n" { text.removeLast() }
      if !text.isEmpty { try StandardOutput.write(text) }
    }

    private func text(_ report: CommandReport, as format: OutputFormat) -> String {
      switch format {
      case .text: TextReport(options).text(report)
      case .json: JSONReport.text(report) + "\n"
      case .ndjson: NDJSONReport.text(report)
      case .junit: JUnitReport.text(report)
      case .sarif: SARIFReport.text(report)
      case .github: GitHubReport.text(report)
      case .markdown: MarkdownReport.text(report)
      case .html: PageReport.text(report)
      }
    }
  }

  /// The files that the command line names.
  enum CommandLineFiles {
    /// Every argument that may name an input, so without the files for reports.
    static let inputs: [String] = {
      var inputs: [String] = []
      var isTarget = false
      for argument in CommandLine.arguments.dropFirst() {
        let parts = argument.split(separator: "=", maxSplits: 1)
        let isLong = argument.hasPrefix("--") && parts.count == 2
        let name = isLong ? String(parts[0]) : argument
        let isOwn = ["--report", "--baseline", "--write-baseline"].contains(name)
        if !isOwn, !isTarget { inputs.append(isLong ? String(parts[1]) : argument) }
        isTarget = isOwn && !isLong
      }
      return inputs
    }()
  }
#endif
