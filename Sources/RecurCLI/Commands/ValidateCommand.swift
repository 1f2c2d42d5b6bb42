#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurModel
  import RecurTensors
  import RecurVerification

  struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "validate",
      abstract: "Checks a checkpoint: shapes, finite numbers, and recorded outputs.",
      discussion: """
        A golden file is an .npz with in_0, in_1, … and out_0, out_1, … recorded from the framework:
          np.savez('golden.npz', in_0=x, out_0=model.predict(x))
        The tolerance is derived from what float rounding does to this model, unless --atol or --rtol \
        say otherwise.

        EXAMPLES
          recur validate model.h5
          recur validate model.h5 --golden golden.npz
          recur validate model.pt --architecture model.h5 --golden golden.npz
          recur validate model.h5 --units 128 --input-size 80
          recur validate lstm.pt --units 64 --layers 2 --bidirectional
          recur validate model.pt --architecture architecture.json --golden golden.npz
        """)

    @Argument(help: "The checkpoint.", completion: .file())
    var file: String

    @Option(help: "Recorded inputs and outputs, .npz.", completion: .file(extensions: ["npz"]))
    var golden: String?

    @OptionGroup var source: ModelOptions

    @Option(help: "The absolute tolerance, in place of the derived one.")
    var atol: Double?

    @Option(help: "The relative tolerance; alone, it replaces the absolute one.")
    var rtol: Double?

    @Option(
      help: ArgumentHelp(
        "Also check what storing the weights as this type would do: float16, bfloat16, float32.",
        valueName: "type"))
    var dtype: StoredType?

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard golden != nil || (atol == nil && rtol == nil) else {
        throw ValidationError("--atol and --rtol compare with recorded outputs: add --golden")
      }
      for (name, value) in [("--atol", atol), ("--rtol", rtol)] {
        if let value, !(value >= 0) || !value.isFinite {
          throw ValidationError("\(name) is \(value); a number from 0 up belongs there")
        }
      }
    }

    func run() throws {
      try Report.run("validate", output) { report throws(CheckpointError) in
        report.member("file", .string(file))
        let checkpoint = try Checkpoint(opening: file, options: source.opening)
        let model = checkpoint.model
        report.line(
          "\(escaped(file)): \(checkpoint.format), \(model.producer), "
            + "\(count(model.weightedNodes.count, "layer")) with weights, "
            + "\(model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }) parameters")
        report.add(checkpoint.diagnostics)
        let findings =
          checkpoint.numericFindings(golden: golden) + model.findings(against: source.sizes)
          + (try dtype?.findings(model, command: "recur validate \(file)\(source.text)") ?? [])
        report.add(findings.map { $0.located(file: file) })
        if let golden { try compare(checkpoint, golden, &report) }
        let fails = report.diagnostics.contains { $0.severity == .error }
        if fails { report.status = ExitStatus.doesNotHold }
        try report.print(verdict: fails ? "FAIL" : "PASS")
      }
    }

    private func compare(
      _ checkpoint: Checkpoint, _ golden: String, _ report: inout Report
    ) throws(CheckpointError) {
      let requested = Verification.RequestedTolerance(absolute: atol, relative: rtol)
      let verification = try checkpoint.verify(
        golden: golden, tolerance: atol == nil && rtol == nil ? nil : requested)
      if verification.calls > 1 {
        report.line("\(verification.calls) consecutive calls of a stateful model")
      }
      var table = Table()
      for comparison in verification.comparisons {
        table.add(
          comparison.name, shapeText(comparison.shape),
          "max |diff| \(scientific(comparison.worst?.size ?? 0))",
          "tolerance " + comparison.tolerance.text
            + (atol == nil && rtol == nil ? " (derived)" : ""),
          comparison.matches ? "PASS" : "FAIL")
      }
      table.lines.forEach { report.line($0) }
      for comparison in verification.comparisons where !comparison.matches {
        report.add([mismatch(comparison, golden)])
      }
      report.member("golden", .string(golden))
      report.member("calls", .integer(verification.calls))
      report.member("outputs", .array(verification.comparisons.map(json)))
    }

    private func mismatch(_ comparison: Comparison, _ golden: String) -> Diagnostic {
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
        fixes: [.init(.recur, "recur diagnose \(file)\(source.text) --golden \(golden)")],
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
