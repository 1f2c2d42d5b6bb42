#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurModel
  import RecurTensors
  import RecurVerification

  struct GoldenAuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "audit",
      abstract: "Says which of the mistakes that people make a recording would show.",
      discussion: """
        Every known mistake of meaning is made on the model in turn (docs/goldens.md lists them), and \
        the model is run on the recorded inputs. What moves no output by more than the tolerance would \
        go unnoticed.

        EXAMPLES
          recur golden audit model.h5 golden.npz
          recur golden audit model.h5 golden.npz --format json

        Exit status: 0 the recording shows every mistake; 1 it misses some.
        """)

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Argument(
      help: "The recording: .npz, or a folder of ONNX's model zoo.",
      completion: .file(extensions: ["npz"]))
    var golden: String

    @OptionGroup(title: "Engine") var engine: EngineOptions

    @OptionGroup var source: ModelOptions

    @OptionGroup(title: "What weights leave open") var answers: ReadingOptions

    @OptionGroup var output: OutputOptions

    func run() throws {
      let recording = GoldenSource.given(golden)
      let words = CommandWords(
        model: file, source: source.words + answers.words, golden: recording.words)
      try Report.run("golden audit", output, words: words) { report throws(CheckpointError) in
        report.member("file", .string(file))
        report.member("golden", .string(golden))
        let checkpoint = try source.open(
          file, answering: answers,
          recorded: recording.recordedInputs)
        report.add(checkpoint.diagnostics.filter { $0.severity != .note })
        let status = TriedReadings()
        let audit = try checkpoint.audit(
          recording.read(for: checkpoint.model), at: golden,
          engine: engine.choice(for: checkpoint.model), progress: { status.show($0) })
        status.clear()
        describe(audit, &report)
        report.add(checkpoint.explained(audit.findings(golden: golden)))
        if report.fails || !audit.invisible.isEmpty { report.status = ExitStatus.doesNotHold }
        try report.print(
          verdict: "\(audit.mistakes.count - audit.invisible.count) of "
            + "\(count(audit.mistakes.count, "mistake")) would show")
      }
    }

    private func describe(_ audit: GoldenAudit, _ report: inout Report) {
      var table = Table()
      for mistake in audit.mistakes {
        table.add(
          mistake.isVisible ? "shows" : "HIDDEN",
          mistake.effect.isFinite ? scientific(mistake.effect) : "other shapes",
          escaped(mistake.claim))
      }
      table.lines.forEach { report.line($0) }
      if !audit.withoutEffect.isEmpty {
        report.line(
          "\(count(audit.withoutEffect.count, "mistake")) would change nothing of this model: "
            + audit.withoutEffect.map(escaped).joined(separator: "; "))
      }
      report.member(
        "mistakes",
        .array(
          audit.mistakes.map { mistake in
            [
              "kind": .string(mistake.kind), "claim": .string(mistake.claim),
              "effect": .number(mistake.effect), "visible": .bool(mistake.isVisible),
            ]
          }))
      report.member("without_effect", .array(audit.withoutEffect.map { .string($0) }))
      report.member("untried", .integer(audit.untried))
      report.member("advice", .array(audit.advice.map { .string($0) }))
    }
  }
#endif
