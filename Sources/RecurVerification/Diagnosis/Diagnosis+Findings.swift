import RecurModel
public import RecurTensors

extension Diagnosis {
  /// The findings of a diagnosis.
  ///
  /// - Parameters:
  ///   - file: the model as the user named it.
  ///   - golden: the recording as the user named it.
  /// - Returns: nothing for a model that matches; else one error, or warnings; and a note of outputs
  ///   that were not recorded.
  package func findings(file: String, golden: String) -> [Diagnostic] {
    let note = unrecorded.map { [$0.located(file: golden)] } ?? []
    return switch verdict {
    case .matches: note
    case .likely: [likely(file, golden)] + note
    case .ambiguous: [ambiguous(golden)] + note
    case .unexplained:
      shapeFindings.map { $0.located(file: golden) } + [unexplained(file)] + note
    }
  }

  /// The evidence in words:
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

  private var marginNotes: [String] {
    guard let margin, margin < 100 else { return [] }
    let times = margin < 10 ? "\((margin * 10).rounded() / 10)" : "\(Int(margin))"
    return [
      "the next best is only \(times) times as far: "
        + (nearest.map { $0.claim } ?? "") + "; a recording of more timesteps decides"
    ]
  }

  private var hiddenNotes: [String] {
    guard let first = hiddenBesides.first else { return [] }
    return [
      "\(hiddenBesides.count == 1 ? "a second mistake" : "\(hiddenBesides.count) second mistakes") beside "
        + "it would not show in this recording: \(first)"
    ]
  }

  /// What is known about a difference that nothing explains.
  private var placeNotes: [String] {
    var seen: Set<String> = []
    return localizations.flatMap(\.sentences).filter { seen.insert($0).inserted }
  }

  /// Whether the outputs say that the weights have nothing to do with the recording.
  private var relation: String {
    guard let correlation else { return "" }
    let text =
      "the computed outputs and the recorded ones correlate by "
      + "\((correlation * 100).rounded() / 100)"
    if correlation.magnitude < 0.2 {
      return ". These look like other weights, or another model: \(text)"
    }
    return correlation > 0.95
      ? ". It is the same model, a little off: \(text)" : "; \(text)"
  }

  private var untriedNotes: [String] {
    guard untried > 0 else { return [] }
    return [
      "\(untried) readings were not tried: running them would take more than "
        + "\(scientific(Self.budget)) multiplications; a recording of fewer sequences or timesteps "
        + "allows more"
    ]
  }

  /// What is known of every recording of a quantized model, however far it is off.
  private var quantizedNotes: [String] {
    guard isDequantized else { return [] }
    return [
      "the weights are quantized, and the original also rounds what its layers take in to 8 bits at run "
        + "time: its own recording differs by that, and more over many timesteps; record what the "
        + "dequantized weights give"
    ]
  }

  private func likely(_ file: String, _ golden: String) -> Diagnostic {
    if let computedIn { return computed(golden, in: computedIn) }
    guard let reading = matching.first else {
      return quantized.map { rounded(file, by: $0.error, $0.reading) } ?? rounded(file)
    }
    let hypothesis = reading.hypothesis
    var location = hypothesis.location
    if location.file == nil { location.file = file }
    let reason =
      "\(evidence), and by \(scientific(reading.error)) when that is undone (\(effort))"
      + (hypothesis.reason.map { "; " + $0 } ?? "")
    var finding = Diagnostic(
      hypothesis.kind.code, .error, hypothesis.claim, at: location, expected: hypothesis.expected,
      found: hypothesis.found, reason: reason, remedies: hypothesis.remedies,
      facts: hypothesis.facts, notes: marginNotes + hiddenNotes + untriedNotes)
    guard hypothesis.repairsModel, hypothesis.kind != .reading else { return finding }
    guard concernsOptions, hasDeclaredOptions else {
      finding.remedies.insert(.writeRepaired, at: 0)
      return finding
    }
    finding.remedies.append(.declareOptions)
    return finding.noting(
      "a state dict does not hold it: say it in the declaration, and give that with "
        + "\(.architecture)")
  }

  private func rounded(
    _ file: String, by error: Double, _ reading: ModelReading?
  ) -> Diagnostic {
    Diagnostic(
      .likelyRounding, .error,
      "the recording was computed with inputs rounded to 8 bits, as quantized layers do at run time",
      at: .init(file: file), expected: "a recording of the dequantized weights",
      found: "quantized weights in the file, and a difference of \(scientific(error))"
        + (reading.map { ", when \($0.words.joined(separator: ", "))" } ?? ""),
      reason: "such rounding moves outputs as far as that; the weights were dequantized",
      remedies: [reading?.remedy ?? .allow(absolute: 2 * error)])
  }

  private func computed(_ golden: String, in type: ElementType) -> Diagnostic {
    Diagnostic(
      .likelyRounding, .error, "the recording was computed in \(type)", at: .init(file: golden),
      expected: "float32 arithmetic", found: "\(type) arithmetic",
      reason:
        "every recorded number is one of \(type), and \(evidence), which is what such arithmetic does "
        + "to this model",
      remedies: [
        .recording("record without autocast, .half() or mixed precision"),
        .allow(absolute: 2 * storedError),
      ])
  }

  private func rounded(_ file: String) -> Diagnostic {
    let type = roundedTo.map { "\($0)" } ?? ""
    return Diagnostic(
      .likelyRounding, .error, "the weights were rounded to \(type) before they were stored",
      at: .init(file: file), expected: "the weights that were recorded",
      found: "every weight is a number of \(type), stored in a wider type",
      reason:
        "\(evidence), which is what such rounding does to this model (\(effort), none explains "
        + "it)",
      remedies: [.allow(absolute: 2 * storedError)],
      notes: ["the digits are lost; take the weights as they were before"] + untriedNotes)
  }

  private func ambiguous(_ golden: String) -> Diagnostic {
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

  private func unexplained(_ file: String) -> Diagnostic {
    Diagnostic(
      .verifyUnexplained, .error,
      tried == 0
        ? "no known mistake can explain the recording"
        : "none of the \(tried) known mistakes that were tried explains the recording",
      at: .init(file: file),
      expected: "a difference within the tolerance",
      found: nearest.map { "\(scientific($0.error)) at best: \($0.claim)" }
        ?? (storedError.isFinite ? scientific(storedError) : "other shapes"),
      reason: evidence
        + (tried == 0 ? ", and no reading puts out those that were recorded" : relation),
      remedies: [.compareWeights],
      notes: placeNotes + summedBiasNotes + quantizedNotes + untriedNotes)
  }

  /// Why a GRU whose biases were summed can't be repaired.
  private var summedBiasNotes: [String] {
    guard !summedGRUs.isEmpty else { return [] }
    return [
      "the recurrent bias of the candidate of \(summedGRUs.map { "'\($0)'" }.joined(separator: ", ")) is "
        + "zeros: if both biases were added on the way, that can't be undone, because only the recurrent "
        + "one passes the reset gate"
    ]
  }
}

extension Diagnostic.Code {
  /// Several mistakes explain the recorded outputs equally well.
  public static let verifyAmbiguous = Self(rawValue: "verify.ambiguous")
  /// No known mistake explains the recorded outputs.
  public static let verifyUnexplained = Self(rawValue: "verify.unexplained")
}
