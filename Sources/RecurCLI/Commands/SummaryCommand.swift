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

        EXAMPLES
          recur summary model.h5
          recur summary model.h5 --input-shape 1,10,3
          recur summary seq2seq.h5 --input-shape 1,6,3 --input-shape 1,5,3
        """,
      aliases: ["shapes"])

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Option(
      name: .customLong("input-shape"),
      help: "The shape of an input, batch first: 1,10,3. Once per input, in call order.")
    var inputShapes: [InputShape] = []

    @OptionGroup var source: ModelOptions

    @OptionGroup var output: OutputOptions

    func run() throws {
      try Report.run("summary", output) { report throws(CheckpointError) in
        let checkpoint = try Checkpoint(opening: file, options: source.opening)
        report.add(checkpoint.diagnostics)
        let model = checkpoint.model
        let names = model.inputs(given: inputShapes.count)
        guard inputShapes.isEmpty || inputShapes.count == names.count else {
          throw CheckpointError(
            .inputCount,
            "the model takes \(names.count) inputs and \(inputShapes.count) shapes are given",
            expected: names.joined(separator: ", "))
        }
        let given = inputShapes.isEmpty ? nil : inputShapes.map(\.dimensions)
        let shapes = ModelShapes(model, inputShapes: given)
        if let error = CheckpointError(findings: shapes.findings) { throw error }
        report.line("\(escaped(model.name)) (\(model.producer))")
        var table = Table()
        table.add("node", "layer", "output shapes", "parameters")
        for node in model.nodes {
          table.add(
            escaped(node.name), node.layer.title,
            shapes[node.name].map(text).joined(separator: " "),
            "\(node.layer.parameterCount)")
        }
        table.lines.forEach { report.line($0) }
        let total = model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }
        report.line("total \(total) parameters")
        for line in states(model, shapes) { report.line(line) }
        report.member("file", .string(file))
        report.member("model", .string(model.name))
        report.member("nodes", .array(model.nodes.map { json($0, shapes) }))
        report.member("parameters", .integer(total))
        try report.print()
      }
    }

    /// How the state of every recurrent layer looks in both frameworks.
    private func states(_ model: Model, _ shapes: ModelShapes) -> [String] {
      model.weightedNodes.compactMap { node in
        guard let cell = node.layer.firstCell, let batch = shapes[node.name].first?.first else {
          return nil
        }
        let name = "state of \(escaped(node.layerName)): "
        // Stacked cells have states of several widths, which torch.nn keeps one by one.
        if case .stacked = cell {
          return name + cell.stateSizes.map { "[\(batch), \($0)]" }.joined(separator: ", ")
        }
        let isPair = if case .bidirectional = node.layer { true } else { false }
        let kinds = if case .lstm = cell { "h and c" } else { "h" }
        return name + "\(kinds) [\(batch), \(cell.units)] in Keras"
          + (isPair ? " for each direction" : "")
          + ", [\(isPair ? 2 : 1), \(batch), \(cell.units)] in PyTorch"
      }
    }

    private func json(_ node: Model.Node, _ shapes: ModelShapes) -> JSONValue {
      let outputs = shapes[node.name].map { shape -> JSONValue in
        .array(shape.map { $0.value.map { .integer($0) } ?? .string($0.description) })
      }
      return [
        "name": .string(node.name), "layer": .string(node.layer.title), "outputs": .array(outputs),
        "parameters": .integer(node.layer.parameterCount),
      ]
    }
  }

  /// A shape on the command line: numbers with commas between them; `?` is free.
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
