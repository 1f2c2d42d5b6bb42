#if CommandLine
  import Recur
  import RecurContainers
  import RecurModel
  import RecurTensors
  import RecurVerification

  /// Everything that is checked of one file.
  struct FileValidation {
    let opening: OpeningOptions
    let sizes: DeclaredSizes
    /// What replaces the derived tolerance.
    let tolerance: Verification.RequestedTolerance?
    /// Whether a golden that stands beside weights without an architecture is left alone.
    let skipsWeightsAlone: Bool
    /// A type that weights might be stored in.
    let dtype: StoredType?
    /// Whose outputs are compared with the golden.
    let engine: EngineOptions
    /// The options that say how the file is opened, for commands in fixes.
    let options: String

    /// Checks `file`, and what it computes when there is a golden.
    ///
    /// - Returns: the checkpoint, for what is said of several.
    /// - Throws: what keeps the file from being judged.
    func run(
      _ file: String, golden: String?, _ report: inout Report
    ) throws(CheckpointError) -> Checkpoint {
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
      report.add(checkpoint.diagnostics)
      report.check("weights are finite")
      // A recording that can't be read says nothing here, and why when outputs are compared.
      let recording = golden.map { path in
        Result { () throws(CheckpointError) in try GoldenFile(at: path) }
      }
      let readable = try? recording?.get()
      report.add(checkpoint.numericFindings(on: readable).map { $0.located(file: file) })
      if let dtype {
        report.check("weights fit \(dtype.rawValue)")
        let found = try dtype.findings(model, command: "recur validate \(file)\(options)")
        report.add(found.map { $0.located(file: file) })
      }
      if !sizes.isEmpty {
        report.check("declared sizes hold")
        report.add(model.findings(against: sizes).map { $0.located(file: file) })
      }
      if golden != nil, !model.isConnected, skipsWeightsAlone {
        report.remark("not compared: weights alone can't be run")
      } else if let golden, let recording {
        report.check("outputs are as recorded")
        try compare(checkpoint, recording.get(), golden, &report)
      }
      return checkpoint
    }

    private func compare(
      _ checkpoint: Checkpoint, _ recording: GoldenFile, _ golden: String, _ report: inout Report
    ) throws(CheckpointError) {
      let verification = try checkpoint.verify(
        recording, at: golden, tolerance: tolerance,
        engine: engine.choice(for: checkpoint.model, unchosen: .reference))
      if verification.calls > 1 {
        report.line("\(verification.calls) consecutive calls of a stateful model")
      }
      var table = Table()
      for comparison in verification.comparisons {
        table.add(
          comparison.name, shapeText(comparison.shape),
          "max |diff| \(scientific(comparison.worst?.size ?? 0))",
          "tolerance " + comparison.tolerance.text + (tolerance == nil ? " (derived)" : ""),
          comparison.matches ? "PASS" : "FAIL")
      }
      table.lines.forEach { report.line($0) }
      for comparison in verification.comparisons where !comparison.matches {
        report.add([mismatch(comparison, checkpoint.path, golden)])
      }
      let passed = verification.comparisons.reduce(0) { $0 + ($1.matches ? 1 : 0) }
      report.remark(
        "\(passed) of \(count(verification.comparisons.count, "output")) as recorded")
      report.member("golden", .string(golden))
      report.member("calls", .integer(verification.calls))
      report.member("outputs", .array(verification.comparisons.map(json)))
    }

    private func mismatch(
      _ comparison: Comparison, _ file: String, _ golden: String
    ) -> Diagnostic {
      var notes: [String] = []
      for (name, difference) in [("first", comparison.first), ("worst", comparison.worst)] {
        guard let difference else { continue }
        notes.append(
          "\(name): \(difference.place): recorded \(text(difference.expected)), "
            + "computed \(text(difference.actual)), |diff| \(scientific(difference.size))")
      }
      let passing =
        comparison.passingTolerance.isFinite
        ? "--atol \(scientific(comparison.passingTolerance.nextUp, digits: 17)) would pass, and "
          + "nothing smaller" : "no tolerance would pass: NaN or infinities differ"
      notes.append(passing)
      notes.append("a difference of this size is typical of \(comparison.band.rawValue)")
      return Diagnostic(
        .verifyMismatch, .error,
        "\(comparison.outside) of \(comparison.compared) values of '\(comparison.name)' are not "
          + "what was recorded", at: .init(file: golden, object: comparison.name),
        expected: "|diff| ≤ " + comparison.tolerance.text,
        found: "|diff| up to \(scientific(comparison.worst?.size ?? 0))",
        fixes: [.init(.recur, "recur diagnose \(file)\(options) --golden \(golden)")],
        notes: notes)
    }

    /// A number in full; the sign of NaN means nothing.
    private func text(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

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

  extension Tolerance {
    /// `1.0e-05`, or `1.0e-05 + 1.0e-03·|recorded|`.
    fileprivate var text: String {
      relative > 0
        ? "\(scientific(absolute)) + \(scientific(relative))·|recorded|" : scientific(absolute)
    }
  }
#endif
