#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurTensors

  struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect",
      abstract: "Lists what is in a file: format, version, layers, tensors.",
      discussion: """
        Only headers are read, so a file of many gigabytes is listed at once. The file need not make \
        sense as a model.

        EXAMPLES
          recur inspect model.h5
          recur inspect model.safetensors --format json
          recur inspect checkpoint.pt --emit-architecture > architecture.json
          recur inspect weights.pt --architecture model.py --emit-architecture
        """)

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Flag(
      name: .customLong("emit-architecture"),
      help: "Print the PyTorch modules as a declaration to edit, for --architecture.")
    var emitsArchitecture = false

    @Option(
      help: ArgumentHelp(
        "The state dict to list, of a checkpoint that holds several.", valueName: "path"))
    var key: String?

    @OptionGroup var given: ArchitectureOptions

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard !emitsArchitecture, !given.words.isEmpty else { return }
      throw ValidationError(
        "'--architecture' and '--set' say what '--emit-architecture' prints; add it.")
    }

    private var opening: OpeningOptions {
      var options = OpeningOptions(architecture: given.architecture, key: key)
      options.settings = given.values
      options.lambdas = given.functions
      return options
    }

    func run() throws {
      try Report.run("inspect", output, words: CommandWords(model: file)) {
        report throws(CheckpointError) in
        if emitsArchitecture {
          let (json, diagnostics) = try Checkpoint.declaration(of: file, options: opening)
          report.add(diagnostics)
          // The declaration is what was asked for, also by who asks for no more than that.
          report.firmLine(String(json.dropLast()))
          report.member(
            "architecture", try JSONParser.parse(ByteRegion(ByteStorage(copying: Array(json.utf8))))
          )
          return try report.print()
        }
        let inspection = try Checkpoint.inspect(file, key: key)
        let bytes = inspection.tensors.reduce(0) {
          $0.addingReportingOverflow($1.byteCount).partialValue
        }
        report.line(
          "\(escaped(file)): \(inspection.title), \(count(inspection.tensors.count, "tensor")), "
            + byteSize(bytes))
        for fact in inspection.facts {
          report.line("  \(escaped(fact.name)): \(escaped(fact.value))")
        }
        if !inspection.layers.isEmpty { report.line("layers") }
        var layers = Table()
        for layer in inspection.layers {
          layers.add(
            "  " + escaped(layer.name), escaped(layer.className),
            escaped(layer.detail) + (layer.isSupported ? "" : "  (not read by this version)"))
        }
        layers.lines.forEach { report.line($0) }
        if !inspection.tensors.isEmpty { report.line("tensors") }
        var tensors = Table()
        for tensor in inspection.tensors {
          tensors.add(
            "  " + escaped(tensor.name), shapeText(tensor.shape), tensor.type,
            tensor.remark ?? "")
        }
        tensors.lines.forEach { report.line($0) }
        report.member("file", .string(file))
        report.member("format", .string(inspection.format))
        report.member("title", .string(inspection.title))
        report.member("facts", facts(inspection))
        report.member("layers", .array(inspection.layers.map(json)))
        report.member("tensors", .array(inspection.tensors.map(json)))
        report.add(inspection.diagnostics.map { $0.located(file: file) })
        try report.print()
      }
    }

    private func facts(_ inspection: Inspection) -> JSONValue {
      .array(inspection.facts.map { ["name": .string($0.name), "value": .string($0.value)] })
    }

    private func json(_ layer: Inspection.DeclaredLayer) -> JSONValue {
      [
        "name": .string(layer.name), "class": .string(layer.className),
        "detail": .string(layer.detail), "supported": .bool(layer.isSupported),
      ]
    }

    private func json(_ tensor: Inspection.StoredTensor) -> JSONValue {
      [
        "name": .string(tensor.name), "shape": .array(tensor.shape.map { .integer($0) }),
        "type": .string(tensor.type), "bytes": .integer(tensor.byteCount),
        "remark": tensor.remark.map { .string($0) } ?? .null,
      ]
    }
  }
#endif
