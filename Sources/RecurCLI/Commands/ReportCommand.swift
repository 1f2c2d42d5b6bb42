#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurTensors
  import RecurVerification

  struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "report",
      abstract: "Writes a page about a model: what it is, how it compares, and why it differs.",
      discussion: """
        The page is one HTML file with its pictures in it; it needs no script and no network, and reads \
        in light, in dark and on paper. It shows the verdict and the fix, the architecture and its \
        shapes, recorded and computed outputs, their differences over time, the gates, the weights of \
        every gate, what the recording can and can't see, and digests of the files. The same files give \
        the same page. 'validate', 'diagnose', 'compare' and 'convert' write one with --report \
        html=FILE.

        EXAMPLES
          recur report model.h5 -o report.html
          recur report model.h5 --golden golden.npz -o report.html

        Exit status: 0 the model computes what was recorded, or nothing was compared; 1 it does not.
        """)

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Option(
      name: [.customShort("o"), .customLong("output")], help: "The page to write, .html.",
      completion: .file(extensions: ["html"]))
    var outputFile: String

    @OptionGroup var recording: GoldenOptions

    @OptionGroup(title: "Engine") var engine: EngineOptions

    @OptionGroup var source: ModelOptions

    @OptionGroup(title: "What weights leave open") var answers: ReadingOptions

    @Flag(help: "Replace a file that exists.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() throws {
      let words = CommandWords(
        model: file, source: source.words + answers.words, golden: recording.source?.words)
      try Report.run("report", output, words: words) { report throws(CheckpointError) in
        report.member("file", .string(file))
        try checkOutput(
          outputFile,
          inputs: [file] + (recording.source?.files ?? [])
            + [source.architecture].compactMap { $0 }, replacing: force)
        let checkpoint = try source.open(
          file, answering: answers,
          recorded: recording.source?.recordedInputs ?? [])
        report.add(checkpoint.basis)
        report.add(checkpoint.diagnostics)
        var page = checkpoint.page(findings: [], verdict: "", isGood: true)
        let golden = try recording.source.map { source throws(CheckpointError) in
          (path: source.path, file: try source.read(for: checkpoint.model))
        }
        report.add(checkpoint.numericFindings(on: golden?.file).map { $0.located(file: file) })
        if let golden { try add(golden.file, at: golden.path, of: checkpoint, to: &page, &report) }
        if report.fails { report.status = ExitStatus.doesNotHold }
        let verdict = report.fails ? "FAIL" : golden == nil ? "READ" : "PASS"
        page.title = file
        page.verdict = verdict
        page.isGood = !report.fails
        page.findings = report.diagnostics
        var target = try AtomicFile(replacing: outputFile)
        try target.write(Array(page.html.utf8))
        try target.commit()
        report.show(page)
        report.line("wrote \(escaped(outputFile))")
        report.member("output", .string(outputFile))
        try report.print(verdict: verdict)
      }
    }

    private func add(
      _ golden: GoldenFile, at path: String, of checkpoint: Checkpoint, to page: inout HTMLReport,
      _ report: inout Report
    ) throws(CheckpointError) {
      report.member("golden", .string(path))
      let choice = engine.choice(for: checkpoint.model)
      let status = TriedReadings()
      let diagnosis = try checkpoint.diagnose(
        golden, at: path, engine: choice, progress: { status.show($0) })
      status.clear()
      let verification = try? checkpoint.verify(golden, at: path)
      report.add(diagnosis.findings)
      if let verification, !verification.matches {
        report.add(checkpoint.explained(verification.findings))
      }
      try checkpoint.add(
        golden, at: path, verification, diagnosis.verdict == .matches ? nil : diagnosis, choice,
        to: &page)
    }
  }
#endif
