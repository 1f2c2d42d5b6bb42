import RecurModel
package import RecurTensors

extension Diagnosis {
  /// What a diagnosis has to say, with the user's own file names in every fix.
  ///
  /// - Parameters:
  ///   - file: the model as the user named it.
  ///   - golden: the recording as the user named it.
  ///   - command: the `recur diagnose` command line that was run, without `--write`.
  /// - Returns: nothing for a model that matches; else one error, or warnings.
  package func findings(file: String, golden: String, command: String) -> [Diagnostic] {
    switch verdict {
    case .matches: []
    case .likely: [likely(file, command, golden)]
    case .ambiguous: [ambiguous(file, golden)]
    case .unexplained: shapeFindings + [unexplained(file, golden)]
    }
  }

  /// A name for the repaired model with the ending of the file, where files of that kind are written.
  private func repairedName(_ file: String) -> String {
    let endings = [".weights.h5", ".keras", ".h5", ".pth", ".pt", ".safetensors", ".npz"]
    return "fixed" + (endings.first { file.hasSuffix($0) } ?? ".pt")
  }

  /// `the recording differs by 1.2e+00 as the file is read; 61 readings were tried`.
  private var evidence: String {
    (storedError.isFinite
      ? "the model differs from the recording by \(scientific(storedError)) as the file is read"
      : "the shapes differ as the file is read")
  }

  private var effort: String {
    "\(tried) reading\(tried == 1 ? "" : "s") tried"
      + (nearest.map { ", the next best differs by \(scientific($0.error))" } ?? "")
  }

  private var untriedNotes: [String] {
    guard untried > 0 else { return [] }
    return [
      "\(untried) readings were not tried: running them would take more than "
        + "\(scientific(Self.budget)) multiplications; a recording of fewer sequences or timesteps "
        + "allows more"
    ]
  }

  private func likely(_ file: String, _ command: String, _ golden: String) -> Diagnostic {
    guard let reading = matching.first else { return rounded(file, golden) }
    let hypothesis = reading.hypothesis
    var fixes = hypothesis.fixes
    var location = hypothesis.location
    if location.file == nil { location.file = file }
    var notes = untriedNotes
    if hypothesis.repairsModel, concernsOptions, framework == .pytorch {
      fixes.append(.init(.recur, "recur inspect \(file) --emit-architecture > architecture.json"))
      notes.append(
        "a state dict does not hold it: say it in the declaration, and give that with --architecture"
      )
    } else if hypothesis.repairsModel {
      fixes.insert(.init(.recur, "\(command) --write \(repairedName(file))"), at: 0)
    } else if let remedy = hypothesis.remedy, fixes.isEmpty {
      fixes = [.init(.numpy, remedy)]
    }
    let reason =
      "\(evidence), and by \(scientific(reading.error)) when that is undone (\(effort))"
      + (hypothesis.reason.map { "; " + $0 } ?? "")
    return Diagnostic(
      hypothesis.kind.code, .error, hypothesis.claim, at: location, expected: hypothesis.expected,
      found: hypothesis.found, reason: reason, fixes: fixes, notes: notes)
  }

  private func rounded(_ file: String, _ golden: String) -> Diagnostic {
    let type = roundedTo.map { "\($0)" } ?? ""
    return Diagnostic(
      .likelyRounding, .error, "the weights were rounded to \(type) before they were stored",
      at: .init(file: file), expected: "the weights that were recorded",
      found: "every weight is a number of \(type), stored in a wider type",
      reason:
        "\(evidence), which is what such rounding does to this model (\(effort), none explains "
        + "it)",
      fixes: [
        .init(
          .recur, "recur validate \(file) --golden \(golden) --atol \(scientific(2 * storedError))")
      ],
      notes: ["the digits are lost; take the weights as they were before"] + untriedNotes)
  }

  private func ambiguous(_ file: String, _ golden: String) -> Diagnostic {
    var notes = matching.prefix(6).map { "\(scientific($0.error)): \($0.claim)" }
    if matching.count > 6 { notes.append("and \(matching.count - 6) more") }
    return Diagnostic(
      .verifyAmbiguous, .error,
      "\(matching.count) readings of the file explain the recording; it can't tell them apart",
      at: .init(file: golden),
      expected: timesteps < 3
        ? "a recording of 3 timesteps or more" : "a recording that tells more",
      found: timesteps == 1 ? "one timestep" : "\(timesteps) timesteps",
      reason: timesteps == 1
        ? "with one timestep the recurrent kernel, the forget gate and everything carried on have no "
          + "effect" : "\(evidence); \(effort)",
      fixes: [
        .init(
          .numpy,
          "x = np.random.default_rng(0).standard_normal((2, 8, x.shape[-1])).astype('float32')")
      ], notes: notes + untriedNotes)
  }

  private func unexplained(_ file: String, _ golden: String) -> Diagnostic {
    Diagnostic(
      .verifyUnexplained, .error, "no hypothesis explains the recording", at: .init(file: file),
      expected: "a difference within the tolerance",
      found: nearest.map { "\(scientific($0.error)) at best: \($0.claim)" }
        ?? (storedError.isFinite ? scientific(storedError) : "other shapes"),
      reason:
        "\(evidence); \(tried) readings were tried. This looks like other weights: a later or an "
        + "earlier training, or a recording of another model",
      fixes: [.init(.recur, "recur compare --weights \(file) OTHER")], notes: untriedNotes)
  }
}

extension Diagnostic.Code {
  package static let verifyAmbiguous = Self(rawValue: "verify.ambiguous")
  package static let verifyUnexplained = Self(rawValue: "verify.unexplained")
}
