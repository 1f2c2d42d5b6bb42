#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurTensors
  import RecurVerification

  /// Many files of one run: judged by several threads, each reported as soon as it and those before it are
  /// done.
  ///
  /// As many models are in memory as threads work, two more while files of one name are compared. Only
  /// formats that are one document keep the reports of all files.
  struct Fleet {
    /// How one file is judged.
    struct Judge: Sendable {
      /// Opens a file as `validate` does.
      let open: @Sendable (String) throws(CheckpointError) -> Checkpoint
      /// Checks one file.
      let validate: @Sendable (String, inout Report) throws(CheckpointError) -> Checkpoint
      /// The digest of what a file is judged by.
      let settings: @Sendable (String) -> String
    }

    /// What a thread found out about one entry.
    private enum Outcome: Sendable {
      case judged(FileWalk.Entry, Report, verdict: String, WeightDigest?)
      case earlier(EarlierResults.Result, String)
    }

    private let paths: [String]
    private let asked: FleetOptions
    private let options: OutputOptions
    private let output: ReportOutput
    private let comparesNames: Bool
    private let exclusions: [GlobPattern]
    private var report = CommandReport(command: "validate", isFleet: true)
    private var filter = FindingFilter()

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - paths: files, folders, patterns, and `-` for a list on standard input.
    ///   - asked: which of them are judged.
    ///   - options: how to report.
    ///   - settings: what the repository's file of settings says.
    ///   - comparesGoldens: whether files are compared with what was recorded.
    ///   - comparesNames: whether files of one name are compared with each other.
    init(
      _ paths: [String], _ asked: FleetOptions, _ options: OutputOptions,
      settings: RepositorySettings, comparesGoldens: Bool, comparesNames: Bool
    ) {
      self.paths = paths
      self.asked = asked
      self.options = options
      self.comparesNames = comparesNames
      exclusions = asked.exclusions + settings.exclusions
      output = ReportOutput(options)
      report.compared = comparesGoldens ? 0 : nil
      report.settings = settings.path
    }

    /// Judges all files, and ends the process with the worst status.
    ///
    /// - Throws: the status, unless it is 0.
    func run(_ judge: Judge) throws {
      var copy = self
      do throws(CheckpointError) {
        try copy.judgeAll(judge)
      } catch {
        // No file was judged, a list can't be read on, or standard output can't be written.
        var report = Report("validate", options, file: paths.count == 1 ? paths[0] : nil)
        if paths.count == 1 { report.member("file", .string(paths[0])) }
        report.refuse(error)
        throw report.status == .success ? ExitStatus.unusable : report.status
      }
      if copy.report.status != .success { throw copy.report.status }
    }

    private mutating func judgeAll(_ judge: Judge) throws(CheckpointError) {
      filter = try FindingFilter(options)
      var lists: [PathList] = []
      for list in (paths.contains("-") ? ["-"] : []) + (asked.list.map { [$0] } ?? []) {
        lists.append(try PathList(list, hasNulls: asked.hasNulls))
      }
      let named = paths.filter { $0 != "-" }
      let source = FleetSource(named, lists: lists, excluding: exclusions, shard: asked.shard)
      guard !source.isEmpty || source.excluded > 0 else {
        throw FileWalk.noCheckpoint(in: paths, source.skipped)
      }
      try output.checkTargets(inputs: source.files)
      let earlier = try asked.resume.flatMap { path throws(CheckpointError) in
        try EarlierResults(path)
      }
      var weights = FleetWeights(source.files, hasLists: !lists.isEmpty, isAsked: comparesNames)
      let (needsDigest, fresh, options) = (weights.isNeeded, filter.fresh, options)
      let targets = lists.isEmpty ? nil : output
      var progress = Progress(total: source.total, isShown: !options.quiet)
      let rest = Monitor(source)
      try OrderedWork<FileWalk.Entry, Outcome>(threads: asked.threads).run(
        next: {
          rest.with { source in
            Result { () throws(CheckpointError) in
              let entry = try source.next()
              // A report must not replace a file of a list, which nobody knew before.
              if case .file(let path) = entry { try targets?.checkTargets(against: path) }
              return entry
            }
          }
        },
        work: { entry in
          if case .file(let path) = entry,
            let result = earlier?.result(of: path, settings: judge.settings(path))
          {
            return .earlier(result, path)
          }
          return Self.judge(entry, judge, options, fresh, needsDigest: needsDigest)
        },
        deliver: { outcome throws(CheckpointError) in
          progress.clear()
          switch outcome {
          case .earlier(let result, let path):
            try add(result)
            progress.advance(path)
          case .judged(let entry, var one, var verdict, var digest):
            if !filter.add(one.filter) {
              // The baseline has less left than this file was judged with.
              let again = Self.judge(entry, judge, options, filter, needsDigest: needsDigest)
              guard case .judged(_, let other, let otherVerdict, let otherDigest) = again else {
                break
              }
              (one, verdict, digest) = (other, otherVerdict, otherDigest)
              let ignored = filter.ignore
              filter = one.filter
              filter.ignore = ignored
            }
            weights.add(entry.path, digest)
            try finish(&one, verdict)
            progress.advance(entry.path)
          }
        })
      progress.clear()
      (report.skipped, report.excluded) = rest.with { ($0.skipped, $0.excluded) }
      try conclude(weights, judge)
    }

    /// Reports what is about all files.
    private mutating func conclude(
      _ weights: FleetWeights, _ judge: Judge
    ) throws(CheckpointError) {
      var last = Report("validate", options, filter: filter)
      do throws(CheckpointError) {
        last.add(try weights.findings(judge.open))
      } catch {
        last.stop(error)
      }
      filter = last.filter
      if let stale = filter.staleEntries(path: options.baseline) { last.add([stale]) }
      last.settle(verdict: nil)
      report.findings = last.content.diagnostics
      report.suppressedFindings = last.content.suppressed
      report.status = worst(report.status, last.status)
      if asked.exitsZeroAlways { report.status = .success }
      do throws(CheckpointError) {
        try output.writeFiles(report, recorded: filter.recorded)
        report.lines = output.written(filter.recorded)
      } catch {
        report.findings += error.diagnostics
        report.status = worst(report.status, ExitStatus.unusable)
      }
      try output.print(report)
    }

    private static func judge(
      _ entry: FileWalk.Entry, _ judge: Judge, _ options: OutputOptions, _ filter: FindingFilter,
      needsDigest: Bool
    ) -> Outcome {
      let path = entry.path
      var one = Report("validate", options, filter: filter, file: path)
      var digest: WeightDigest?
      do throws(CheckpointError) {
        switch entry {
        case .refused(_, let error):
          one.member("file", .string(path))
          throw error
        case .file:
          digest = try FleetWeights.digest(
            of: try judge.validate(path, &one), isNeeded: needsDigest)
        }
        if one.fails { one.status = ExitStatus.doesNotHold }
      } catch {
        one.stop(error)
      }
      let verdict = one.status == .success && !one.fails ? one.content.good : "FAIL"
      return .judged(entry, one, verdict: verdict, digest)
    }

    /// Adds the report of one file to the run, and prints it in the formats that are lists.
    private mutating func finish(_ one: inout Report, _ verdict: String) throws(CheckpointError) {
      one.settle(verdict: verdict)
      filter.judge(one.judgedFiles)
      if one.content.members.contains(where: { $0.name == "golden" }) {
        report.compared = report.compared.map { $0 + 1 }
      }
      report.add(one.content, isKept: options.keepsFiles)
      report.status = worst(report.status, one.status)
      try output.printFile(one.content, command: report.command)
    }

    /// Adds what an earlier run said of a file, in its words.
    private mutating func add(_ result: EarlierResults.Result) throws(CheckpointError) {
      report.add(result.tally)
      if result.isCompared { report.compared = report.compared.map { $0 + 1 } }
      report.status = worst(report.status, ExitCode(result.status))
      try output.printLines(result.text)
    }

    private func worst(_ one: ExitCode, _ other: ExitCode) -> ExitCode {
      one.rawValue >= other.rawValue ? one : other
    }
  }

  extension FileWalk.Entry {
    /// The file or the folder.
    var path: String {
      switch self {
      case .file(let path), .refused(let path, _): path
      }
    }
  }

  extension Diagnostic.Code {
    static let fileNoneFound = Self(rawValue: "file.none-found")
  }
#endif
