#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurModel
  import RecurTensors

  struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "summary",
      abstract: "Prints every layer's output shapes and parameters, without running the model.",
      discussion: """
        Free dimensions are shown by name: batch, timesteps. Give an input shape to see numbers.
        States are shown as both frameworks keep them: Keras [batch, units], PyTorch \
        [layers·directions, batch, units]. A layer that puts out its last timestep only is said; \
        --return-sequences and --return-state show the shapes with them.

        EXAMPLES
          recur summary model.h5
          recur summary model.h5 --input-shape 1,10,3
          recur summary model.h5 --input-shape 1,10,3 --return-sequences --return-state
          recur summary seq2seq.h5 --input-shape 1,6,3 --input-shape 1,5,3
        """,
      aliases: ["shapes"])

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Option(
      name: .customLong("input-shape"),
      help: "The shape of an input, batch first: 1,10,3. Once per input, in call order.")
    var inputShapes: [InputShape] = []

    @OptionGroup(title: "Outputs of recurrent layers") var returns: ReturnOptions

    @OptionGroup var source: ModelOptions

    @OptionGroup var output: OutputOptions

    func run() throws {
      try Report.run("summary", output, words: CommandWords(model: file, source: source.words)) {
        report throws(CheckpointError) in
        let checkpoint = try source.open(file, returning: returns, checksWeights: false)
        report.add(checkpoint.diagnostics)
        let model = checkpoint.model
        let names = model.inputs(given: inputShapes.count)
        guard inputShapes.isEmpty || inputShapes.count == names.count else {
          throw CheckpointError(
            .inputCount,
            "the model takes \(count(names.count, "input")) and was given "
              + count(inputShapes.count, "shape"),
            expected: names.joined(separator: ", "), found: count(inputShapes.count, "shape"))
        }
        let given = inputShapes.isEmpty ? nil : inputShapes.map(\.dimensions)
        let shapes = ModelShapes(model, inputShapes: given)
        if let error = CheckpointError(findings: shapes.findings) { throw error }
        let summary = ModelSummary(model, shapes, checkpoint.convention)
        summary.lines.forEach { report.line($0) }
        report.add(summary.lastOnly.map { $0.located(file: file) })
        report.member("file", .string(file))
        for (name, value) in summary.members { report.member(name, value) }
        try report.print()
      }
    }
  }

  /// A shape on the command line: extents separated by commas; `?` is a free extent.
  struct InputShape: ExpressibleByArgument {
    let dimensions: [Dimension]

    init?(argument: String) {
      var dimensions: [Dimension] = []
      for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
        let text = part.filter { $0 != " " }
        if text == "?" {
          dimensions.append(.free(dimensions.isEmpty ? "batch" : "timesteps"))
        } else if let extent = Int(text), extent > 0 {
          dimensions.append(.fixed(extent))
        } else {
          return nil
        }
      }
      self.dimensions = dimensions
    }
  }
#endif
