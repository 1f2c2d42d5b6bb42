#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurModel
  import RecurTensors
  import RecurVerification

  struct DiagnoseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "diagnose",
      abstract: "Finds the mistake that explains why a model does not compute what was recorded.",
      discussion: """
        Every known mistake of conversion (gate orders, transposed kernels, biases, reset placement, \
        activations, directions, masks, states, rounding) is undone in turn and the model run on the \
        recorded inputs. What then gives the recorded outputs is named, with the lines that repair \
        it. The fast engine finds out which readings are far off, and the reference judges the rest. \
        --write converts the repaired model, with all the checks of 'recur convert'.

        EXAMPLES
          recur diagnose model.h5 --golden golden.npz
          recur diagnose model.h5 --golden golden.npz --write fixed.h5
          recur diagnose model.pt --architecture architecture.json --golden golden.npz

        Exit status: 0 the model computes what was recorded, or was repaired; 1 it does not.
        """)

    @Argument(help: "The model.", completion: .file())
    var file: String

    @OptionGroup var recording: GoldenOptions

    @Option(
      help: ArgumentHelp(
        "Write the repaired model here, when one mistake explains everything.", valueName: "output"),
      completion: .file())
    var write: String?

    @Option(
      help: ArgumentHelp(
        "The format to write, whatever the ending: see 'recur formats'.", valueName: "format"))
    var to: String?

    @OptionGroup(title: "Engine") var engine: EngineOptions

    @OptionGroup var source: ModelOptions

    @OptionGroup(title: "What weights leave open") var answers: ReadingOptions

    @Flag(help: "Replace a file that exists.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard recording.source != nil else {
        throw ValidationError("recorded inputs and outputs are needed: add --golden")
      }
      guard to == nil || write != nil else {
        throw ValidationError("--to says how to write: add --write")
      }
    }

    func run() throws {
      guard let golden = recording.source else { return }
      let words = CommandWords(
        model: file, source: source.words + answers.words, golden: golden.words,
        // The recording says what the model is called with.
        answerable: (["recur convert", shellPath(file), "model.keras"] + source.words
          + [golden.words]).joined(separator: " "))
      try Report.run("diagnose", output, words: words) { report throws(CheckpointError) in
        report.member("file", .string(file))
        report.member("golden", .string(golden.path))
        if let write {
          try checkOutput(
            write, inputs: [file] + golden.files + [source.architecture].compactMap { $0 },
            replacing: force)
        }
        let checkpoint = try source.open(
          file, answering: answers,
          recorded: golden.recordedInputs)
        report.add(checkpoint.diagnostics)
        let status = TriedReadings()
        let recorded = try golden.read(for: checkpoint.model)
        let choice = engine.choice(for: checkpoint.model)
        let diagnosis = try checkpoint.diagnose(
          recorded, at: golden.path, engine: choice, progress: { status.show($0) })
        status.clear()
        if report.wantsPage {
          var page = checkpoint.page(findings: [], verdict: "", isGood: true)
          try checkpoint.add(
            recorded, at: golden.path, try? checkpoint.verify(recorded, at: golden.path),
            diagnosis, choice, to: &page)
          report.show(page)
        }
        var findings = diagnosis.findings
        describe(diagnosis, &report)
        if let write {
          if diagnosis.verdict == .matches {
            report.line("nothing to repair: '\(escaped(write))' was not written")
          } else {
            do throws(CheckpointError) {
              let conversion = try checkpoint.repair(
                diagnosis, to: write, format: to.map(FileFormat.init(rawValue:)), overwriting: force
              )
              // What is repaired is told and fails nothing.
              for index in findings.indices where findings[index].severity == .error {
                findings[index].severity = .warning
              }
              report.add(conversion.diagnostics)
              report.line("wrote \(escaped(write)), repaired (\(byteSize(conversion.byteCount)))")
              report.member("output", .string(write))
            } catch {
              findings += error.diagnostics
            }
          }
        }
        report.add(findings)
        let fails = findings.contains { $0.severity == .error }
        if fails { report.status = ExitStatus.doesNotHold }
        report.member("repaired", .bool(!fails && diagnosis.verdict != .matches))
        try report.print(verdict: diagnosis.verdict.rawValue)
      }
    }

    private func describe(_ diagnosis: Diagnosis, _ report: inout Report) {
      var table = Table()
      let error = diagnosis.storedError
      table.add("-", error.isFinite ? scientific(error) : "other shapes", "as the file is read")
      for (index, reading) in diagnosis.matching.prefix(8).enumerated() {
        table.add("\(index + 1)", scientific(reading.error), escaped(reading.claim))
      }
      if let nearest = diagnosis.nearest, diagnosis.verdict != .matches {
        table.add("x", scientific(nearest.error), escaped(nearest.claim))
      }
      if diagnosis.tried > 0 {
        report.line(
          "\(escaped(file)): \(diagnosis.tried) readings tried, "
            + "\(diagnosis.matching.count) explain\(diagnosis.matching.count == 1 ? "s" : "") "
            + "every number")
      }
      table.lines.forEach { report.line($0) }
      report.member("stored_error", .number(error))
      report.member("margin", diagnosis.margin.map { .number($0) } ?? .null)
      report.member("tried", .integer(diagnosis.tried))
      report.member("untried", .integer(diagnosis.untried))
      report.member(
        "readings",
        .array(
          (diagnosis.matching + [diagnosis.nearest].compactMap { $0 }).map { reading in
            [
              "kind": .string(reading.kind), "claim": .string(reading.claim),
              "error": .number(reading.error), "matches": .bool(reading.matches),
            ]
          }))
    }
  }
#endif
