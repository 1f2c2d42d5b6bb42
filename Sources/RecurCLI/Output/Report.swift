#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurTensors

  /// The report of a command about one file, collected while the command works.
  ///
  /// In text, results go to standard output and diagnostics to standard error; every other format is
  /// one document on standard output. `OutputOptions` says which, and what is left out.
  struct Report {
    private let command: String
    private let output: ReportOutput
    private(set) var filter: FindingFilter
    /// The arguments of the command, for the commands in fixes.
    var words = CommandWords()
    private(set) var content = FileReport()
    private var isPrinted = false
    /// Whether reports may be written to files, besides standard output.
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

    /// The exit status of the process.
    var status: ExitCode {
      get { content.status }
      set { content.status = newValue }
    }

    /// Whether an error counts: any error does, unless errors are being accepted into a baseline.
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

    /// Says how much of the file was understood, and whether it could be run.
    mutating func cover(_ coverage: Checkpoint.Coverage, canRun: Bool) {
      content.coverage = coverage
      content.isReadOnly = !canRun
    }

    mutating func member(_ name: String, _ value: JSONValue) {
      if name == "file", content.file == nil { content.file = value.string }
      content.members.append((name, value))
    }

    mutating func add(_ found: [Diagnostic]) { add(found, stops: false) }

    /// Adds the pictures of the model, for a page.
    mutating func show(_ page: HTMLReport) { content.page = page }

    /// Whether a page is asked for.
    var wantsPage: Bool { output.options.wantsPage }

    /// Begins a check, to which the findings that follow belong.
    mutating func check(_ name: String) {
      content.checks.append(.init(name: name, start: content.diagnostics.count))
    }

    /// Says something that only lines of JSON hold.
    mutating func record(_ name: String, _ value: JSONValue) {
      content.records.append((name, value))
    }

    /// Hides codes besides those that the command line names.
    mutating func ignore(_ codes: [CodePattern]) { filter.ignore += codes }

    /// Adds the error that ended the work.
    ///
    /// A baseline accepts it where the command is about what files are like.
    mutating func stop(_ error: CheckpointError) {
      content.isStopped = true
      let isRecording = output.options.writeBaseline != nil
      let spelled = error.mapping { inFile(words.spelled($0)) }
      guard command == "validate",
        filter.accepts(spelled, file: content.file, isRecording: isRecording)
      else {
        add(error.diagnostics, stops: true)
        status = ExitStatus.of(error)
        return
      }
      content.isKnown = true
      guard !isRecording else { return content.diagnostics += spelled.diagnostics }
      content.suppressed.inBaseline += error.diagnostics.count { $0.severity == .error }
      add(error.diagnostics.filter { $0.severity != .error }, stops: true)
    }

    private mutating func add(_ found: [Diagnostic], stops: Bool) {
      for diagnostic in found.map(words.spelled).map(inFile) {
        let reported = filter.reported(
          diagnostic, stops: stops, file: content.file, counts: &content.suppressed)
        if let reported { content.diagnostics.append(reported) }
      }
    }

    /// The finding with the file that is judged, where its place names none.
    private func inFile(_ finding: Diagnostic) -> Diagnostic {
      guard finding.location.file == nil, content.file?.isEmpty == false else { return finding }
      return finding.located(file: content.file)
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

    /// Sets the exit status by `--strict` and `--exit-zero`.
    mutating func settle(verdict: String?) {
      content.verdict = content.isKnown ? FileReport.knownVerdict : verdict
      if status == .success, filter.isStrict, fails { status = ExitStatus.doesNotHold }
      if status == ExitStatus.doesNotHold, output.options.exitsZero { status = .success }
    }

    /// Prints everything; `verdict` is the last line and the member of that name.
    ///
    /// Files are written first, because an error of writing them belongs into the printed report.
    mutating func print(verdict: String? = nil) throws(CheckpointError) {
      filter.judge(judgedFiles)
      if let stale = filter.staleEntries(path: output.options.baseline) { add([stale]) }
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

    /// The model and the golden, which the findings may be about.
    var judgedFiles: [String] {
      (content.file.map { [$0] } ?? [])
        + content.members.filter { $0.name == "golden" }.compactMap { $0.value.string }
    }

    private var whole: CommandReport {
      CommandReport(command: command, files: [content], status: status)
    }

    /// Runs the work of a command; an error of the work is printed with the findings so far, and
    /// ends the process with its exit status.
    static func run(
      _ command: String, _ options: OutputOptions, words: CommandWords = CommandWords(),
      _ body: (inout Report) throws(CheckpointError) -> Void
    ) throws {
      var report = Report(command, options, file: words.model)
      report.words = words
      report.words.command = command
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

    /// Reports an error from before the work began, without writing any file.
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
      // Standard output can't be written; standard error may still work.
      StandardOutput.writeErrors(lost)
      status = ExitStatus.unusable
    }
  }

  extension Diagnostic.Code {
    static let convertWarnings = Self(rawValue: "convert.warnings")
  }
#endif
