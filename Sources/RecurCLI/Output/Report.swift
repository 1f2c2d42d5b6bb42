#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurTensors

  /// What a command has to say about one file, collected while it works.
  ///
  /// In text, results go to standard output and diagnostics to standard error; every other format is
  /// one document on standard output. `OutputOptions` says which, and what is left out.
  struct Report {
    private let command: String
    private let output: ReportOutput
    private(set) var filter: FindingFilter
    /// What the command was given, for the commands that findings name.
    var words = CommandWords()
    private(set) var content = FileReport()
    private var isPrinted = false
    /// Whether files may be written besides standard output.
    private var writesFiles = true

    init(
      _ command: String, _ options: OutputOptions, filter: FindingFilter = FindingFilter(),
      file: String? = nil
    ) {
      self.command = command
      output = ReportOutput(options)
      self.filter = filter
      content.file = file
    }

    /// The findings that are reported.
    var diagnostics: [Diagnostic] { content.diagnostics }

    /// How the process will end.
    var status: ExitCode {
      get { content.status }
      set { content.status = newValue }
    }

    /// Whether there are errors that count: all of them, unless they are being accepted.
    var fails: Bool {
      output.options.writeBaseline == nil && diagnostics.contains { $0.severity == .error }
    }

    mutating func line(_ text: String) { content.lines.append(text) }

    /// A line that is printed also where only errors are asked for.
    mutating func firmLine(_ text: String) {
      line(text)
      content.firmLines.append(text)
    }

    /// Says where it is said how the weights of the file are computed with, besides in the file.
    mutating func add(_ basis: ModelBasis) {
      content.basis = basis.title
      member("basis", .string(basis.title ?? "in the file"))
      if let text = basis.text { firmLine(escaped(text)) }
    }

    /// Adds to the one line that the file has among many.
    mutating func remark(_ text: String) { content.remark = text }

    mutating func member(_ name: String, _ value: JSONValue) {
      if name == "file", content.file == nil { content.file = value.string }
      content.members.append((name, value))
    }

    mutating func add(_ found: [Diagnostic]) { add(found, stops: false) }

    /// Begins to look at something; what is added from now on belongs to it.
    mutating func check(_ name: String) {
      content.checks.append(.init(name: name, start: content.diagnostics.count))
    }

    /// Adds what ended the work.
    mutating func stop(_ error: CheckpointError) {
      add(error.diagnostics, stops: true)
      content.isStopped = true
      status = ExitStatus.of(error)
    }

    private mutating func add(_ found: [Diagnostic], stops: Bool) {
      for diagnostic in found.map(words.spelled) {
        let reported = filter.reported(
          diagnostic, stops: stops, file: content.file, counts: &content.suppressed)
        if let reported { content.diagnostics.append(reported) }
      }
    }

    /// Refuses what was found before anything is written, when the run is strict.
    ///
    /// - Throws: `convert.warnings` with the warnings that count as errors.
    func refuseWarnings(_ found: [Diagnostic]) throws(CheckpointError) {
      let errors = filter.strictErrors(
        content.diagnostics + found.map(words.spelled), file: content.file)
      let earlier = content.diagnostics.filter { filter.isStrict && $0.severity == .error }
      guard !errors.isEmpty || !earlier.isEmpty else { return }
      throw CheckpointError(
        Diagnostic(
          .convertWarnings, .error,
          "nothing was written: \(count(errors.count + earlier.count, "warning")) "
            + "\(errors.count + earlier.count == 1 ? "counts as an error" : "count as errors") with "
            + "--strict", hint: "leave out --strict, or --ignore the codes that you accept"),
        others: errors)
    }

    /// Settles the status: what is strict about it, and what `--exit-zero` forgives.
    mutating func settle(verdict: String?) {
      content.verdict = verdict
      if status == .success, filter.isStrict, fails { status = ExitStatus.doesNotHold }
      if status == ExitStatus.doesNotHold, output.options.exitsZero { status = .success }
    }

    /// Prints everything; `verdict` is the last line and the member of that name.
    ///
    /// Other reports are written first: one that can't be is an error of this one.
    mutating func print(verdict: String? = nil) throws(CheckpointError) {
      if let stale = filter.staleEntries(files: judgedFiles, path: output.options.baseline) {
        add([stale])
      }
      settle(verdict: verdict)
      if writesFiles {
        do throws(CheckpointError) {
          try output.writeFiles(whole, recorded: filter.recorded)
          content.lines += output.written(filter.recorded)
        } catch {
          stop(error)
        }
      }
      isPrinted = true
      try output.print(whole)
    }

    /// The files that findings may be about.
    var judgedFiles: [String] {
      (content.file.map { [$0] } ?? [])
        + content.members.filter { $0.name == "golden" }.compactMap { $0.value.string }
    }

    private var whole: CommandReport {
      CommandReport(command: command, files: [content], status: status)
    }

    /// Runs a command's work: what it throws is printed with what was collected, and ends the
    /// process with the status that fits.
    static func run(
      _ command: String, _ options: OutputOptions, words: CommandWords = CommandWords(),
      _ body: (inout Report) throws(CheckpointError) -> Void
    ) throws {
      var report = Report(command, options)
      report.words = words
      do throws(CheckpointError) {
        try report.begin(options)
        try body(&report)
      } catch {
        report.end(error)
      }
      if report.status != .success { throw report.status }
    }

    private mutating func begin(_ options: OutputOptions) throws(CheckpointError) {
      writesFiles = false
      try output.checkTargets()
      writesFiles = true
      filter = try FindingFilter(options)
    }

    /// Reports what kept the work from its beginning, without writing any file.
    mutating func refuse(_ error: CheckpointError) {
      writesFiles = false
      end(error)
    }

    private mutating func end(_ error: CheckpointError) {
      var lost = error
      if !isPrinted {
        stop(error)
        do throws(CheckpointError) { return try print() } catch { lost = error }
      }
      // Standard output took nothing; standard error may.
      StandardOutput.writeErrors(lost)
      status = ExitStatus.unusable
    }
  }

  extension Diagnostic.Code {
    static let convertWarnings = Self(rawValue: "convert.warnings")
  }
#endif
