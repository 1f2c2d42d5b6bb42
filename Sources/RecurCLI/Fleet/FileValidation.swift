#if CommandLine
  import Recur
  import RecurContainers
  import RecurInference
  import RecurModel
  import RecurTensors
  import RecurVerification

  /// All checks of one file.
  struct FileValidation {
    let opening: OpeningOptions
    let sizes: DeclaredSizes
    /// A tolerance that replaces the derived one.
    let tolerance: Verification.RequestedTolerance?
    /// Whether a golden that stands beside weights without an architecture is left alone.
    let skipsWeightsAlone: Bool
    /// A narrower type for the weights, whose effect is reported.
    let dtype: StoredType?
    /// The engine whose outputs are compared with the golden.
    let engine: EngineOptions
    /// A type in which the engine holds weights, whose effect on outputs is judged, and how far
    /// outputs may move.
    let weights: WeightOptions
    let budget: Double?
    /// The options that say how the file is opened, for commands in fixes.
    let options: [String]

    /// Checks `file`, and compares its outputs with a golden if there is one.
    ///
    /// - Returns: the checkpoint, for findings about several files.
    /// - Throws: the errors that make a verdict on the file impossible.
    func run(
      _ file: String, golden: GoldenSource?, _ report: inout Report
    ) throws(CheckpointError) -> Checkpoint {
      report.words = CommandWords(model: file, source: options, golden: golden?.words)
      report.words.command = "validate"
      report.words.holdsNarrowWeights = weights.weights != nil
      report.member("file", .string(file))
      report.check("reads as a model")
      let checkpoint = try Checkpoint(opening: file, options: opening)
      let model = checkpoint.model
      report.line(
        "\(escaped(file)): \(checkpoint.format), \(model.producer), "
          + "\(count(model.weightedNodes.count, "layer")) with weights, "
          + "\(model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }) parameters")
      report.member("format", .string(checkpoint.format))
      report.member("producer", .string(model.producer))
      report.member("layers", .integer(model.weightedNodes.count))
      report.member(
        "parameters", .integer(model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }))
      let coverage = checkpoint.coverage
      report.cover(coverage, canRun: checkpoint.canRun)
      report.member(
        "coverage", ["covered": .integer(coverage.covered), "total": .integer(coverage.total)])
      report.add(checkpoint.basis)
      report.add(checkpoint.diagnostics)
      report.check("weights are finite")
      // A recording that can't be read says nothing here, and why when outputs are compared.
      let recording = golden.map { source in
        Result { () throws(CheckpointError) in
          try source.read(for: model, watch: opening.watch)
        }
      }
      let readable = try? recording?.get()
      report.add(checkpoint.numericFindings(on: readable).map { $0.located(file: file) })
      if let dtype {
        report.check("weights fit \(dtype.rawValue)")
        let found = try dtype.findings(model)
        report.add(found.map { $0.located(file: file) })
      }
      if !sizes.isEmpty {
        report.check("declared sizes hold")
        report.add(model.findings(against: sizes).map { $0.located(file: file) })
      }
      if report.wantsPage {
        report.show(checkpoint.page(findings: [], verdict: "", isGood: true))
      }
      if golden != nil, !model.isConnected, skipsWeightsAlone {
        report.remark("not compared: weights alone can't be run")
      } else if let golden, let recording {
        report.check("outputs are as recorded")
        try compare(checkpoint, recording.get(), golden.path, &report)
        try move(checkpoint, recording.get(), golden.path, &report)
        return checkpoint
      }
      if let error = checkpoint.withoutCode { report.add([error]) }
      if let warning = checkpoint.nothingRecognized {
        report.cover(coverage, canRun: false)
        report.add([warning])
      }
      return checkpoint
    }

    private func compare(
      _ checkpoint: Checkpoint, _ recording: GoldenFile, _ golden: String, _ report: inout Report
    ) throws(CheckpointError) {
      let verification = try checkpoint.verify(
        recording, at: golden, tolerance: tolerance,
        engine: engine.choice(for: checkpoint.model, unchosen: .reference))
      verification.lines.forEach { report.line($0) }
      report.add(checkpoint.explained(verification.findings))
      if verification.matches { report.add(checkpoint.weaknesses(of: recording, at: golden)) }
      if report.wantsPage {
        var page = checkpoint.page(findings: [], verdict: "", isGood: true)
        let diagnosis =
          verification.matches
          ? nil
          : try checkpoint.diagnose(
            recording, at: golden, engine: engine.choice(for: checkpoint.model))
        try checkpoint.add(
          recording, at: golden, verification, diagnosis, engine.choice(for: checkpoint.model),
          to: &page)
        report.show(page)
      }
      let passed = verification.comparisons.reduce(0) { $0 + ($1.matches ? 1 : 0) }
      report.remark(
        "\(passed) of \(count(verification.comparisons.count, "output")) as recorded"
          + (verification.unrecorded > 0 ? ", \(verification.unrecorded) not recorded" : ""))
      report.member("golden", .string(golden))
      report.member("calls", .integer(verification.calls))
      report.member("outputs", .array(verification.comparisons.map(json)))
    }

    /// Says how far outputs are from the recording with narrow weights.
    private func move(
      _ checkpoint: Checkpoint, _ recording: GoldenFile, _ golden: String, _ report: inout Report
    ) throws(CheckpointError) {
      guard weights.weights != nil,
        case .fast(let kernels, let threads, let type, let kept) = engine.choice(
          for: checkpoint.model, holding: weights)
      else { return }
      report.check("outputs stay with weights in \(type.rawValue)")
      let narrow = try checkpoint.explaining { () throws(CheckpointError) in
        try NarrowOutputs(
          checkpoint.model, golden: recording, type: type, keeping: kept, kernels: kernels,
          threads: threads, budget: budget)
      }
      narrow.lines.forEach { report.line($0) }
      report.add(checkpoint.explained(narrow.findings.map { $0.located(file: golden) }))
      report.member(
        "narrow",
        [
          "weights": .string(type.rawValue), "packed_bytes": .integer(narrow.byteCount),
          "layers": .array(narrow.layers.map { .string($0) }),
          "budget": budget.map { .number($0) } ?? .null,
          "outputs": .array(
            narrow.movements.map { ["name": .string($0.name), "difference": .number($0.size)] }),
        ])
    }

    private func json(_ comparison: Comparison) -> JSONValue {
      func json(_ difference: Comparison.Difference?) -> JSONValue {
        guard let difference else { return .null }
        return [
          "index": .array(difference.index.map { .integer($0) }),
          "recorded": .number(difference.expected), "computed": .number(difference.actual),
          "difference": .number(difference.size),
        ]
      }
      return [
        "name": .string(comparison.name), "matches": .bool(comparison.matches),
        "shape": .array(comparison.shape.map { .integer($0) }),
        "compared": .integer(comparison.compared), "outside": .integer(comparison.outside),
        "atol": .number(comparison.tolerance.absolute),
        "rtol": .number(comparison.tolerance.relative),
        "first": json(comparison.first), "worst": json(comparison.worst),
        "passing_atol": .number(comparison.passingTolerance),
        "band": .string(comparison.band.rawValue),
      ]
    }
  }
#endif
