#if CommandLine
  import RecurTensors

  /// Decides what is reported, and how severe it is.
  ///
  /// `--select`, `--ignore` and baselines hide findings; `--strict` makes warnings errors. No
  /// option hides an error that stopped the work.
  struct FindingFilter {
    private let select: [CodePattern]
    /// The codes that are hidden.
    var ignore: [CodePattern]
    let isStrict: Bool
    /// The known findings; each is removed when it is found again.
    private(set) var baseline: Baseline?
    /// What `--write-baseline` writes.
    private(set) var recorded = Baseline()

    /// A filter that changes nothing.
    init() { (select, ignore, isStrict) = ([], [], false) }

    /// - Throws: `baseline.invalid` and what reading the baseline throws.
    init(_ options: OutputOptions) throws(CheckpointError) {
      select = options.select
      ignore = options.ignore
      isStrict = options.isStrict
      if let path = options.baseline { baseline = try Baseline(reading: path) }
    }

    /// The filter for one file of many, of which nothing was found yet.
    var fresh: Self {
      var copy = self
      copy.baseline = baseline?.fresh
      copy.recorded = Baseline()
      return copy
    }

    /// Adds what `one`, a fresh filter, met; false, and nothing, when it took findings of the baseline
    /// that others took before.
    mutating func add(_ one: Self) -> Bool {
      if let taken = one.baseline, baseline?.takeAll(taken) == false { return false }
      recorded.add(one.recorded)
      return true
    }

    /// Says that files were judged.
    mutating func judge(_ files: [String]) { files.forEach { baseline?.judge($0) } }

    /// Whether the baseline accepts the errors that ended the work, or one that is being written does.
    ///
    /// The errors are then hidden, or recorded.
    ///
    /// - Parameters:
    ///   - error: why the work ended.
    ///   - file: the file that is judged, where a finding names none.
    ///   - isRecording: whether a baseline is being written.
    /// - Returns: whether they are accepted.
    mutating func accepts(_ error: CheckpointError, file: String?, isRecording: Bool) -> Bool {
      let findings = error.diagnostics.filter { $0.severity == .error }
        .map { Baseline.Finding($0, file: file) }
      var copy = baseline
      let isKnown = baseline != nil && findings.allSatisfy { copy?.take($0) == true }
      guard isKnown || isRecording else { return false }
      if isKnown { baseline = copy }
      findings.forEach { recorded.add($0) }
      return true
    }

    /// The finding as it is reported, or nil if it is hidden; `counts` counts the hidden ones by
    /// reason.
    ///
    /// - Parameters:
    ///   - diagnostic: the finding.
    ///   - stops: whether the finding is among the errors that ended the work.
    ///   - file: the file that is judged, when the finding names none.
    ///   - counts: the numbers of hidden findings.
    /// - Returns: the finding, or nil when it is hidden.
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

    /// The warnings among `diagnostics` that a strict run reports as errors.
    func strictErrors(_ diagnostics: [Diagnostic], file: String?) -> [Diagnostic] {
      guard isStrict else { return [] }
      var (copy, counts) = (self, SuppressedCounts())
      return diagnostics.filter { diagnostic in
        diagnostic.severity == .warning
          && copy.reported(diagnostic, stops: false, file: file, counts: &counts) != nil
      }
    }

    /// A note about findings of judged files in the baseline that were not found again; nil without such
    /// findings.
    func staleEntries(path: String?) -> Diagnostic? {
      guard let path, let stale = baseline?.stale, !stale.isEmpty else { return nil }
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
