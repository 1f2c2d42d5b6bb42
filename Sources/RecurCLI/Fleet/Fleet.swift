#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurTensors

  /// Many files of one run: judged one after the other, each reported as soon as it is done.
  ///
  /// One model is in memory at a time, two while files of one name are compared.
  struct Fleet {
    private let paths: [String]
    private let options: OutputOptions
    private let output: ReportOutput
    private let comparesNames: Bool
    private var report = CommandReport(command: "validate", files: [], isFleet: true)
    private var filter = FindingFilter()
    private var judged: [String] = []

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - paths: files and folders.
    ///   - options: how to report.
    ///   - comparesGoldens: whether files are compared with what was recorded.
    ///   - comparesNames: whether files of one name are compared with each other.
    init(
      _ paths: [String], _ options: OutputOptions, comparesGoldens: Bool, comparesNames: Bool
    ) {
      self.paths = paths
      self.comparesNames = comparesNames
      report.compared = comparesGoldens ? 0 : nil
      self.options = options
      output = ReportOutput(options)
    }

    /// Judges all files with `validation`, and ends the process with the worst status.
    ///
    /// - Parameters:
    ///   - open: opens a file as `validation` does.
    ///   - validation: checks one file.
    /// - Throws: the status, unless it is 0.
    func run(
      open: (String) throws(CheckpointError) -> Checkpoint,
      _ validation: (String, inout Report) throws(CheckpointError) -> Checkpoint
    ) throws {
      var copy = self
      do throws(CheckpointError) {
        try copy.judge(open, validation)
      } catch {
        // No file was judged, or standard output can't be written.
        var report = Report("validate", options, file: paths.count == 1 ? paths[0] : nil)
        if paths.count == 1 { report.member("file", .string(paths[0])) }
        report.refuse(error)
        throw report.status == .success ? ExitStatus.unusable : report.status
      }
      if copy.report.status != .success { throw copy.report.status }
    }

    private mutating func judge(
      _ open: (String) throws(CheckpointError) -> Checkpoint,
      _ validation: (String, inout Report) throws(CheckpointError) -> Checkpoint
    ) throws(CheckpointError) {
      filter = try FindingFilter(options)
      let walk = FileWalk(paths)
      report.skipped = walk.skipped
      guard !walk.entries.isEmpty else {
        throw FileWalk.noCheckpoint(in: paths, walk.skipped)
      }
      try output.checkTargets(inputs: walk.files)
      var weights = FleetWeights(walk.files, isAsked: comparesNames)
      var progress = Progress(total: walk.files.count, isShown: !options.quiet)
      for entry in walk.entries {
        switch entry {
        case .refused(let path, let error):
          var one = Report("validate", options, filter: filter, file: path)
          one.member("file", .string(path))
          one.stop(error)
          try finish(&one, "FAIL")
        case .file(let path):
          progress.begin(path)
          var (file, verdict) = judge(path, validation, &weights)
          progress.clear()
          try finish(&file, verdict)
        }
      }
      var last = Report("validate", options, filter: filter)
      do throws(CheckpointError) {
        last.add(try weights.findings(open))
      } catch {
        last.stop(error)
      }
      filter = last.filter
      if let stale = filter.staleEntries(files: judged, path: options.baseline) {
        last.add([stale])
      }
      last.settle(verdict: nil)
      report.findings = last.content.diagnostics
      report.suppressedFindings = last.content.suppressed
      report.status = worst(report.status, last.status)
      do throws(CheckpointError) {
        try output.writeFiles(report, recorded: filter.recorded)
        report.lines = output.written(filter.recorded)
      } catch {
        report.findings += error.diagnostics
        report.status = worst(report.status, ExitStatus.unusable)
      }
      try output.print(report)
    }

    private mutating func judge(
      _ path: String,
      _ validation: (String, inout Report) throws(CheckpointError) -> Checkpoint,
      _ weights: inout FleetWeights
    ) -> (Report, verdict: String) {
      var one = Report("validate", options, filter: filter, file: path)
      do throws(CheckpointError) {
        try weights.add(path, try validation(path, &one))
        if one.fails { one.status = ExitStatus.doesNotHold }
      } catch {
        one.stop(error)
      }
      return (one, one.status == .success && !one.fails ? one.content.good : "FAIL")
    }

    /// Adds the report of one file to the run, and prints it in the formats that are lists.
    private mutating func finish(_ one: inout Report, _ verdict: String) throws(CheckpointError) {
      one.settle(verdict: verdict)
      judged += one.judgedFiles
      if one.content.members.contains(where: { $0.name == "golden" }) {
        report.compared = report.compared.map { $0 + 1 }
      }
      filter = one.filter
      report.files.append(one.content)
      report.status = worst(report.status, one.status)
      try output.printFile(one.content, command: report.command)
    }

    private func worst(_ one: ExitCode, _ other: ExitCode) -> ExitCode {
      one.rawValue >= other.rawValue ? one : other
    }
  }

  extension Diagnostic.Code {
    static let fileNoneFound = Self(rawValue: "file.none-found")
  }
#endif
