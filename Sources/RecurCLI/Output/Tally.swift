#if CommandLine
  import RecurTensors

  /// Counts over the files of a run, so that the files need not be kept.
  struct Tally: Sendable {
    private(set) var files = 0
    /// Files of which something does not hold.
    private(set) var failed = 0
    /// Files in which nothing could be run.
    private(set) var readOnly = 0
    /// Files that fail as a baseline accepts.
    private(set) var known = 0
    var errors = 0
    var warnings = 0
    var notes = 0
    private(set) var suppressed = SuppressedCounts()
    private var bases: [String: Int] = [:]

    var passed: Int { files - failed - readOnly - known }

    mutating func add(_ file: FileReport) {
      add(
        verdict: file.hasFailed ? "FAIL" : file.verdict ?? "PASS", basis: file.basis,
        file.suppressed)
      add(file.diagnostics)
    }

    mutating func add(_ diagnostics: [Diagnostic]) {
      for diagnostic in diagnostics {
        switch diagnostic.severity {
        case .error: errors += 1
        case .warning: warnings += 1
        case .note: notes += 1
        }
      }
    }

    mutating func add(_ counts: SuppressedCounts) { suppressed = suppressed + counts }

    /// Adds one file by its verdict.
    mutating func add(verdict: String, basis: String?, _ counts: SuppressedCounts) {
      files += 1
      switch verdict {
      case "FAIL": failed += 1
      case "READ": readOnly += 1
      case FileReport.knownVerdict: known += 1
      default: break
      }
      if let basis, basis != "in the file" { bases[basis, default: 0] += 1 }
      add(counts)
    }

    static func += (a: inout Self, b: Self) {
      a.files += b.files
      a.failed += b.failed
      a.readOnly += b.readOnly
      a.known += b.known
      a.errors += b.errors
      a.warnings += b.warnings
      a.notes += b.notes
      a.add(b.suppressed)
      a.bases.merge(b.bases) { $0 + $1 }
    }

    /// `, 3 as assumed, 2 as declared`; empty where files say it all.
    var basesText: String {
      bases.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
    }
  }
#endif
