public import RecurTensors

extension Comparison {
  /// The error when the output does not match; nil when it matches.
  public var finding: Diagnostic? {
    guard !matches else { return nil }
    let band = "a difference of this size is typical of \(band.rawValue)"
    var mismatch = Diagnostic(
      .verifyMismatch, .error,
      "\(outside) of \(compared) values of '\(name)' are not what was recorded", at: location,
      expected: "|diff| ≤ \(tolerance)", found: "|diff| up to \(scientific(worst?.size ?? 0))",
      remedies: [.diagnose])
    for (which, difference) in [("first", first), ("worst", worst)] {
      guard let difference else { continue }
      mismatch.notes.append(
        "\(which): \(difference.place): recorded \(text(difference.expected)), "
          + "computed \(text(difference.actual)), |diff| \(scientific(difference.size))")
    }
    mismatch.notes += localization?.sentences ?? []
    guard passingTolerance.isFinite else {
      mismatch.notes += ["no tolerance would pass: NaN or infinities differ", band]
      return mismatch
    }
    let passing = scientific(passingTolerance.nextUp, digits: 17)
    mismatch = mismatch.noting(
      "\(.absoluteTolerance(passing)) would pass, and nothing smaller")
    mismatch.notes.append(band)
    return mismatch
  }

  /// A number with all its digits; the sign of NaN is dropped.
  private func text(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

  /// The columns of a table: name, shape, largest difference, tolerance, verdict.
  package var row: [String] {
    [
      name, shapeText(shape), "max |diff| \(scientific(worst?.size ?? 0))",
      "tolerance \(tolerance)" + (isDerived ? " (derived)" : ""), matches ? "PASS" : "FAIL",
    ]
  }

  /// The verdict in one line, followed by the error if there is one.
  public var description: String {
    ([row.joined(separator: "  ")] + [finding].compactMap { $0 }.map(DiagnosticRenderer().text))
      .joined(separator: "\n")
  }
}

extension Diagnostic {
  /// A note that the last `missing` outputs of `all` were not recorded; nil when none are missing.
  static func unrecorded(_ missing: Int, of all: Int) -> Diagnostic? {
    guard missing > 0 else { return nil }
    let names = (all - missing..<all).map { "out_\($0)" }.joined(separator: ", ")
    return Diagnostic(
      .goldenPartial, .note,
      "the recording holds \(all - missing) of the \(all) outputs; the rest is not compared",
      expected: "out_0, … out_\(all - 1)", found: "no \(names)")
  }
}

extension Verification: CustomStringConvertible {
  /// What is wrong: one error for every output that is not as recorded; a note of those that were not
  /// recorded.
  public var findings: [Diagnostic] {
    let recorded = comparisons.count / max(calls, 1)
    let note = Diagnostic.unrecorded(unrecorded, of: recorded + unrecorded)
    var mismatches = comparisons.compactMap(\.finding)
    if let layer = differingLayer, !mismatches.isEmpty {
      mismatches[0].notes.append(
        "of the recorded layers '\(layer)' is the first whose output differs")
    }
    return
      (mismatches + [note, selfRecorded].compactMap { $0 })
      .map { $0.located(file: file) }
  }

  /// A note that the recording is of this program, where it is.
  private var selfRecorded: Diagnostic? {
    guard isSelfRecorded else { return nil }
    return Diagnostic(
      .goldenSelfRecorded, .note,
      "this program made the recording: it proves that a conversion computes the same, and says "
        + "nothing about how the original file is read",
      expected: "a recording of the framework, to prove the reading",
      found: "a recording of the reference")
  }

  /// The verdicts, one line per output; for several calls, a line with the call count comes first.
  package var lines: [String] {
    var table = Table()
    for comparison in comparisons { table.add(row: comparison.row) }
    let several =
      recordings > 1
      ? ["\(recordings) recordings"]
      : calls > 1 ? ["\(calls) consecutive calls of a stateful model"] : []
    return several + table.lines
  }

  /// The verdict of every output, followed by the errors.
  public var description: String {
    (lines + findings.map(DiagnosticRenderer().text)).joined(separator: "\n")
  }
}
