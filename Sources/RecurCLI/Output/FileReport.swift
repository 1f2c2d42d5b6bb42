#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurTensors

  /// The report of a command about one file, or its whole report if it is not about files.
  struct FileReport {
    /// One check; the findings from `start` to the next check belong to it.
    struct Check {
      let name: String
      let start: Int
    }

    /// The file that is judged, if the command judges one.
    var file: String?
    var lines: [String] = []
    /// Those of them that are printed in any case.
    var firmLines: [String] = []
    /// Where it is said how the file's weights are computed with, besides in the file: `as assumed`.
    var basis: String?
    /// What the one line of a file among many says besides the first of `lines`.
    var remark: String?
    var members: [(name: String, value: JSONValue)] = []
    var diagnostics: [Diagnostic] = []
    /// How many of the file's tensors belong to layers that are known; nil where nobody counted.
    var coverage: Checkpoint.Coverage?
    /// Whether nothing the file holds could be run, so that shapes and numbers alone were checked.
    var isReadOnly = false
    /// The pictures of the model, where a page is asked for.
    var page: HTMLReport?
    /// What programs that read lines are told besides: digests and seconds, which other reports leave
    /// out so that they are the same in every run.
    var records: [(name: String, value: JSONValue)] = []
    /// What was looked at, in order.
    var checks: [Check] = []
    var suppressed = SuppressedCounts()
    var verdict: String?
    var status = ExitCode.success
    /// Whether an error ended the work before its end.
    var isStopped = false
    /// Whether a baseline accepts the error that ended the work.
    var isKnown = false
    /// Whether something does not hold, or kept the work from its end.
    var hasFailed: Bool { verdict == "FAIL" || isStopped && !isKnown || status != .success }
    /// Whether it ended because a file can't be read, understood or written.
    var isUnusable: Bool { isStopped && status == ExitStatus.unusable }

    /// The verdict on a file that fails as a baseline accepts.
    static let knownVerdict = "KNOWN"

    /// The verdict on a file in which no error was found.
    var good: String { isReadOnly ? "READ" : "PASS" }

    /// `, 3 of 3 tensors`; empty where nobody counted.
    var coverageText: String {
      coverage.map { ", \($0.covered) of \(RecurCLI.count($0.total, "tensor"))" } ?? ""
    }

    /// The verdict as the last line says it, with what it covers.
    var verdictLine: String? {
      guard let verdict, coverage != nil, verdict == good else { return verdict }
      return verdict + coverageText + (isReadOnly ? ": shapes and numbers, nothing was run" : "")
    }

    /// Every check with its findings; one of the command's name where none was begun.
    func checked(_ command: String) -> [(name: String, diagnostics: ArraySlice<Diagnostic>)] {
      guard let first = checks.first else { return [(command, diagnostics[...])] }
      var all: [(name: String, diagnostics: ArraySlice<Diagnostic>)] = []
      if first.start > 0 { all.append((command, diagnostics[..<first.start])) }
      for (index, check) in checks.enumerated() {
        let end = index + 1 < checks.count ? checks[index + 1].start : diagnostics.count
        all.append((check.name, diagnostics[check.start..<end]))
      }
      return all
    }
  }

  /// How many findings are not shown, and why.
  struct SuppressedCounts: Equatable {
    var ignored = 0
    var inBaseline = 0

    static func + (a: Self, b: Self) -> Self {
      Self(ignored: a.ignored + b.ignored, inBaseline: a.inBaseline + b.inBaseline)
    }

    /// A sentence for people; nil when everything is shown.
    var text: String? {
      var parts: [String] = []
      if ignored > 0 { parts.append("\(count(ignored, "finding")) ignored") }
      if inBaseline > 0 { parts.append("\(count(inBaseline, "finding")) in the baseline") }
      return parts.isEmpty ? nil : "not shown: " + parts.joined(separator: ", ")
    }

    var json: JSONValue { ["ignored": .integer(ignored), "baseline": .integer(inBaseline)] }
  }

  /// The report of one run of a command.
  struct CommandReport {
    let command: String
    /// The files, as far as a format needs them all at the end.
    private(set) var files: [FileReport]
    /// Counts over all files, whether kept or not.
    private(set) var tally = Tally()
    /// Whether several files were asked for, so that each file is one of a list.
    var isFleet = false
    /// Lines of text before the summary.
    var lines: [String] = []
    /// Findings about several files together.
    var findings: [Diagnostic] = []
    /// The number of files in folders that are no checkpoints.
    var skipped = 0
    /// The number of paths that an exclusion leaves out.
    var excluded = 0
    /// The number of files whose results are those of an earlier run.
    var resumed = 0
    /// The number of files that were compared with goldens, if that was asked for.
    var compared: Int?
    /// The file of settings that was used.
    var settings: String?
    /// The number of hidden findings about several files together.
    var suppressedFindings = SuppressedCounts()
    var status = ExitCode.success

    init(
      command: String, files: [FileReport] = [], isFleet: Bool = false,
      status: ExitCode = .success
    ) {
      self.command = command
      self.files = files
      self.isFleet = isFleet
      self.status = status
      files.forEach { tally.add($0) }
    }

    /// Adds a file, and keeps it if `isKept`.
    mutating func add(_ file: FileReport, isKept: Bool) {
      tally.add(file)
      if isKept { files.append(file) }
    }

    /// Adds the counts of a file of an earlier run.
    mutating func add(_ earlier: Tally) {
      tally += earlier
      resumed += 1
    }

    /// Every finding that is kept, file by file.
    var diagnostics: [Diagnostic] { files.flatMap(\.diagnostics) + findings }

    func count(_ severity: Diagnostic.Severity) -> Int {
      let among = findings.count { $0.severity == severity }
      return switch severity {
      case .error: tally.errors + among
      case .warning: tally.warnings + among
      case .note: tally.notes + among
      }
    }

    /// Files of which something does not hold.
    var failed: Int { tally.failed }

    var suppressed: SuppressedCounts { tally.suppressed + suppressedFindings }

    /// `37 files: 35 passed, 2 failed (3 errors, 5 warnings), 4 skipped`.
    var summaryLine: String {
      let (errors, warnings) = (count(.error), count(.warning))
      var line = "\(RecurCLI.count(tally.files, "file")): \(tally.passed) passed, "
      line += (tally.readOnly > 0 ? "\(tally.readOnly) read and not run, " : "")
      line += "\(failed) failed"
      line += tally.known > 0 ? ", \(tally.known) as the baseline knows" : ""
      if errors + warnings > 0 {
        line += " (\(RecurCLI.count(errors, "error")), \(RecurCLI.count(warnings, "warning")))"
      }
      line += tally.basesText
      if let compared { line += ", \(compared) compared with goldens" }
      line += skipped > 0 ? ", \(skipped) skipped" : ""
      line += excluded > 0 ? ", \(excluded) excluded" : ""
      line += resumed > 0 ? ", \(resumed) as in the earlier run" : ""
      return line + (settings.map { ", with \(escaped($0))" } ?? "")
    }
  }

  extension Diagnostic {
    /// The lines for people, escaped, without the message and the location.
    var detailLines: [String] {
      DiagnosticRenderer().text(self).split(separator: "\n").dropFirst()
        .filter { !$0.hasPrefix("  --> ") }.map { String($0.dropFirst(2)) }
    }
  }

  extension Diagnostic.Severity {
    /// Errors first.
    var rank: Int {
      switch self {
      case .error: 0
      case .warning: 1
      case .note: 2
      }
    }
  }
#endif
