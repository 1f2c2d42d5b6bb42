#if CommandLine
  import RecurTensors

  /// Decides what is reported, and how severe it is.
  ///
  /// `--select`, `--ignore` and baselines leave findings out, `--strict` makes warnings errors. None
  /// of them hides an error that stopped the work.
  struct FindingFilter {
    private let select: [CodePattern]
    private let ignore: [CodePattern]
    let isStrict: Bool
    /// What is known already; findings are taken off as they are found again.
    private(set) var baseline: Baseline?
    /// What `--write-baseline` writes.
    private(set) var recorded = Baseline()

    /// Everything is reported as it is.
    init() { (select, ignore, isStrict) = ([], [], false) }

    /// - Throws: `baseline.invalid` and what reading the baseline throws.
    init(_ options: OutputOptions) throws(CheckpointError) {
      select = options.select
      ignore = options.ignore
      isStrict = options.isStrict
      if let path = options.baseline { baseline = try Baseline(reading: path) }
    }

    /// The finding as it is reported, or nil; `counts` learns why not.
    ///
    /// - Parameters:
    ///   - diagnostic: the finding.
    ///   - stops: whether it is among what ended the work.
    ///   - file: the file that is judged, when the finding names none.
    ///   - counts: how many findings are not shown.
    /// - Returns: the finding, or nil when it is left out.
    mutating func reported(
      _ diagnostic: Diagnostic, stops: Bool, file: String?, counts: inout SuppressedCounts
    ) -> Diagnostic? {
      let code = diagnostic.code
      let isLeftOut =
        !select.isEmpty && !select.contains { $0.matches(code) }
        || ignore.contains { $0.matches(code) }
      if stops, diagnostic.severity == .error {
        guard isLeftOut else { return diagnostic }
        var copy = diagnostic
        copy.notes.append("it stopped the work, so --select and --ignore don't apply to it")
        return copy
      }
      let finding = Baseline.Finding(diagnostic, file: file)
      let isKnown = diagnostic.severity != .note && baseline?.take(finding) == true
      guard !isLeftOut else {
        counts.ignored += 1
        return nil
      }
      if diagnostic.severity != .note { recorded.add(finding) }
      guard !isKnown else {
        counts.inBaseline += 1
        return nil
      }
      guard isStrict, diagnostic.severity == .warning else { return diagnostic }
      var copy = diagnostic
      copy.severity = .error
      copy.notes.append("a warning, which --strict makes an error")
      return copy
    }

    /// The warnings among `diagnostics` that count as errors: those of a strict run that are reported.
    func strictErrors(_ diagnostics: [Diagnostic], file: String?) -> [Diagnostic] {
      guard isStrict else { return [] }
      var (copy, counts) = (self, SuppressedCounts())
      return diagnostics.filter { diagnostic in
        diagnostic.severity == .warning
          && copy.reported(diagnostic, stops: false, file: file, counts: &counts) != nil
      }
    }

    /// A note about what the baseline lists for `files` and was not found; nil without any.
    func staleEntries(files: [String], path: String?) -> Diagnostic? {
      guard let path, let baseline else { return nil }
      let stale = baseline.remaining(in: files.map(relativePath))
      guard !stale.isEmpty else { return nil }
      return Diagnostic(
        .baselineStale, .note,
        "\(count(stale.count, "finding")) of the baseline \(stale.count == 1 ? "was" : "were") not "
          + "found again", at: .init(file: path),
        hint: "write it anew: --write-baseline \(path)",
        notes: stale.prefix(8).map {
          "\($0.code) in \($0.file)\($0.object.map { ": \($0)" } ?? "")"
        }
          + (stale.count > 8 ? ["and \(stale.count - 8) more"] : []))
    }
  }

  extension Diagnostic.Code {
    static let baselineStale = Self(rawValue: "baseline.stale")
  }
#endif
