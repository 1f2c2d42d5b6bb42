#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurInference
  import RecurModel
  import RecurTensors

  struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run",
      abstract: "Runs the reference forward pass, in Double.",
      discussion: """
        An .npz gives its arrays in_0, in_1, … (or arr_0, …, or the model's own input names); a \
        stateful model takes several calls' worth of them. The outputs are written as out_0, out_1, …

        EXAMPLES
          recur run model.h5 --input x.npy -o y.npz
          recur run seq2seq.h5 --input encoder.npy --input decoder.npy -o y.npz
          recur run model.h5 --input golden.npz --format json
        """)

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Option(help: "An input, .npy, in call order; or one .npz with all of them.")
    var input: [String]

    @Option(
      name: [.customShort("o"), .customLong("output")], help: "The file for the outputs, .npz.")
    var outputFile: String?

    @OptionGroup var source: ModelOptions

    @Flag(help: "Replace a file that exists.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() throws {
      try Report.run("run", output) { report throws(CheckpointError) in
        if let outputFile {
          guard outputFile.hasSuffix(".npz") else {
            throw CheckpointError(
              .fileFormatUnknown, "outputs are written as .npz", at: .init(file: outputFile),
              expected: "a name that ends in .npz")
          }
          let inputs = [file, source.architecture].compactMap { $0 } + input
          try checkOutput(outputFile, inputs: inputs, replacing: force)
        }
        let checkpoint = try Checkpoint(opening: file, options: source.opening)
        report.add(checkpoint.diagnostics)
        let model = checkpoint.model
        let inputs = try InputFiles(input).tensors(for: model)
        guard let calls = model.callCount(inputs: inputs.count) else {
          throw CheckpointError(
            .inputCount,
            "the model takes \(model.inputs.count) inputs and was given \(inputs.count)",
            expected: model.inputs.joined(separator: ", "), found: "\(inputs.count) arrays")
        }
        var state = RecurrentState()
        var outputs: [Tensor] = []
        let count = inputs.count / calls
        for call in 0..<calls {
          let given = inputs[call * count..<(call + 1) * count]
          outputs += try model.run(Array(given), state: &state)
        }
        var rows: [JSONValue] = []
        for (index, tensor) in outputs.enumerated() {
          let values = tensor.doubles()
          let range =
            values.isEmpty
            ? "empty" : "from \(values.min() ?? .nan) to \(values.max() ?? .nan)"
          report.line("out_\(index) \(shapeText(tensor.shape)) \(range)")
          rows.append([
            "name": .string("out_\(index)"),
            "shape": .array(tensor.shape.map { .integer($0) }),
            "values": .array(values.map { .number($0) }),
          ])
        }
        report.member("outputs", .array(rows))
        if let outputFile {
          var file = try AtomicFile(replacing: outputFile)
          try NPZArchive.write(
            outputs.enumerated().map { ("out_\($0.offset)", $0.element) }, to: &file)
          try file.commit()
          report.line("wrote \(escaped(outputFile))")
        }
        try report.print()
      }
    }
  }

  /// Arrays for a model from `.npy` and `.npz` files.
  struct InputFiles {
    private let paths: [String]

    init(_ paths: [String]) { self.paths = paths }

    func tensors(for model: Model) throws(CheckpointError) -> [Tensor] {
      var tensors: [Tensor] = []
      for path in paths {
        let bytes = ByteRegion(try ByteStorage(mapping: path))
        tensors += try locating(file: path) { () throws(CheckpointError) in
          if bytes.holds(NPYFile.magic) { return [try NPYFile.tensor(bytes)] }
          guard bytes.holds(ZipArchive.magic) else {
            throw CheckpointError(
              .inputFormat, "the input is neither an .npy array nor an .npz archive",
              at: bytes.location, hint: "np.save('x.npy', x)")
          }
          return try arrays(of: NPZArchive(bytes), model)
        }
      }
      return tensors
    }

    private func arrays(
      of archive: NPZArchive, _ model: Model
    ) throws(CheckpointError) -> [Tensor] {
      for prefix in ["in_", "arr_"] {
        let tensors = try archive.numbered(prefix)
        if !tensors.isEmpty { return tensors }
      }
      var tensors: [Tensor] = []
      let isGiven = model.inputs.allSatisfy(archive.names.contains)
      for name in isGiven ? model.inputs : model.requiredInputs {
        guard let tensor = try archive.tensor(name) else {
          throw CheckpointError(
            .inputCount, "the archive has neither in_0 nor arr_0 nor '\(name)'",
            expected: "in_0, …", found: archive.names.joined(separator: ", "))
        }
        tensors.append(tensor)
      }
      return tensors
    }
  }

  extension Diagnostic.Code {
    static let inputFormat = Self(rawValue: "input.format")
  }
#endif
