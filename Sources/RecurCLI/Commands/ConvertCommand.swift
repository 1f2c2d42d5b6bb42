#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurModel
  import RecurTensors

  struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "convert",
      abstract: "Writes a model for Keras, PyTorch or ONNX, and on request the code that runs it.",
      discussion: """
        The ending of OUT chooses the format: .pt, .pth, .safetensors or .npz for PyTorch; .keras, \
        .h5 or .weights.h5 for Keras 3; .onnx for ONNX; or --to names it. What was written is read back and compared with \
        the original on a random input before it gets its name; a run that fails leaves nothing \
        behind.

        EXAMPLES
          recur convert model.h5 model.pt
          recur convert model.h5 model.pt --module model.py
          recur convert model.h5 model.safetensors --force
          recur convert old.h5 model.keras
          recur convert model.keras old.h5 --to keras2-h5
          recur convert model.keras model.onnx
          recur convert model.keras model.onnx --opset 20 --states
          recur convert model.pt model.keras --architecture architecture.json
          recur convert model.pt model.keras --timesteps last
          recur convert model.pt model.keras --golden golden.npz
          recur convert model.pt model.keras --golden-input x.npy --golden-output y.npy
          recur convert --tensors anything.h5 tensors.npz
          recur convert model.h5 small.safetensors --dtype float16 --keep-float32 dense

        A PyTorch state dict has no architecture; 'recur inspect model.pt --emit-architecture' writes \
        what its tensors tell, to edit.

        IN PYTORCH
          from model import Model
          model = Model()
          model.load_state_dict(torch.load("model.pt", weights_only=True))
        """)

    @Argument(help: "The model to convert.", completion: .file())
    var input: String

    @Argument(
      help: ArgumentHelp(
        "The file to write: .pt, .pth, .safetensors, .npz, .keras, .h5, .weights.h5, .onnx.",
        valueName: "output"), completion: .file())
    var outputFile: String

    @Flag(
      help:
        "Write every tensor under its own name, whatever model they make: to .safetensors or .npz.")
    var tensors = false

    @Option(
      help: ArgumentHelp(
        "The format to write, whatever the ending: see 'recur formats'.", valueName: "format"))
    var to: String?

    @Option(help: "Also write Python code: class Model(torch.nn.Module).", completion: .file())
    var module: String?

    @Option(
      help: ArgumentHelp(
        "Store every weight as this type: float16, bfloat16, float32, float64.", valueName: "type"))
    var dtype: StoredType?

    @Option(
      name: .customLong("keep-float32"), parsing: .singleValue,
      help: ArgumentHelp(
        "A layer whose weights --dtype leaves as they are; may be given several times.",
        valueName: "layer"))
    var kept: [String] = []

    @Option(
      help: ArgumentHelp(
        "The version of the operators in an ONNX file; 17 unless another one is given.",
        valueName: "n"))
    var opset: Int?

    @Flag(
      help:
        "Make the states of recurrent layers inputs and outputs, so that calls can follow each other."
    )
    var states = false

    @OptionGroup(
      title: "A recording that decides what the file leaves open, and has to be computed")
    var recording: GoldenOptions

    @OptionGroup var source: ModelOptions

    @OptionGroup(title: "What weights leave open") var answers: ReadingOptions

    @Flag(help: "Replace files that exist.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard dtype != nil || kept.isEmpty else {
        throw ValidationError("--keep-float32 excepts layers from --dtype: add --dtype")
      }
      guard
        !tensors
          || module == nil && dtype == nil && opset == nil && !states && recording.source == nil
            && !source.saysModel
            && answers.words.isEmpty
      else {
        throw ValidationError(
          "--tensors copies tensors as they are; besides it there are --key, --to and --force")
      }
    }

    func run() throws {
      if tensors { return try copyTensors() }
      let words = CommandWords(
        model: input, source: source.words + answers.words, golden: recording.source?.words,
        conversion: commandLine,
        answerable: answerable,
        readings: answers.words)
      try Report.run("convert", output, words: words) { report throws(CheckpointError) in
        var checkpoint = try source.open(input, answering: answers)
        if let golden = recording.source { checkpoint = try checkpoint.decided(by: golden) }
        report.add(checkpoint.diagnostics)
        let strict = report
        let review = { (found: [Diagnostic]) throws(CheckpointError) in
          try strict.refuseWarnings(found)
        }
        let conversion =
          if let dtype {
            try checkpoint.convert(
              to: outputFile, format: to.map(FileFormat.init(rawValue:)), module: module,
              overwriting: force,
              storing: dtype.elementType, keeping: kept, operatorSet: opset, exposesStates: states,
              review: review)
          } else {
            try checkpoint.convert(
              to: outputFile, format: to.map(FileFormat.init(rawValue:)), module: module,
              overwriting: force, operatorSet: opset,
              exposesStates: states, review: review)
          }
        tell(conversion, as: checkpoint.basis, &report)
        if report.wantsPage {
          report.show(checkpoint.page(findings: [], verdict: "", isGood: true))
        }
        try report.print()
      }
    }

    /// Copies every tensor under its own name.
    private func copyTensors() throws {
      let words = CommandWords(model: input, source: source.words, conversion: commandLine)
      try Report.run("convert", output, words: words) { report throws(CheckpointError) in
        let strict = report
        let conversion = try Checkpoint.exportTensors(
          of: input, to: outputFile, format: to.map(FileFormat.init(rawValue:)), key: source.key,
          overwriting: force
        ) { (found: [Diagnostic]) throws(CheckpointError) in try strict.refuseWarnings(found) }
        tell(conversion, as: ModelBasis(), &report)
        try report.print()
      }
    }

    /// What was written, what became of every tensor, and the proof.
    private func tell(
      _ conversion: Conversion, as basis: ModelBasis, _ report: inout Report
    ) {
      report.add(conversion.diagnostics)
      var table = Table()
      for mapping in conversion.mappings {
        table.add(
          mapping.source.map(escaped) ?? "(new)", mapping.sourceShape.map(shapeText) ?? "",
          "-> \(escaped(mapping.target))", shapeText(mapping.targetShape),
          mapping.source == nil ? "zeros" : mapping.operation)
      }
      table.lines.forEach { report.line($0) }
      report.add(basis)
      let check = check(conversion, as: basis)
      if basis.title == nil { report.line(check) } else { report.firmLine(check) }
      report.line(
        "wrote \(escaped(outputFile)) (\(count(conversion.mappings.count, "tensor")), "
          + "\(byteSize(conversion.byteCount)))")
      if let module { report.line("wrote \(escaped(module)) (class Model)") }
      report.member("input", .string(input))
      report.member("output", .string(outputFile))
      report.member("module", module.map { .string($0) } ?? .null)
      report.member("bytes", .integer(conversion.byteCount))
      report.member("format", .string(conversion.format))
      report.member("rounded", .bool(conversion.isRounded))
      report.member("dtype", conversion.narrowedTo.map { .string($0.rawValue) } ?? .null)
      report.member("largest_difference", .number(conversion.largestDifference))
      report.member("tensors", .array(conversion.mappings.map(json)))
    }

    /// What was asked for, but how weights are stored and what may be replaced.
    private var commandLine: String {
      (["recur convert"] + (tensors ? ["--tensors"] : [])
        + [shellPath(input), shellPath(outputFile)]
        + (to.map { ["--to \($0)"] } ?? []) + source.words + answers.words
        + (module.map { ["--module \(shellPath($0))"] } ?? []) + graphOptions)
        .joined(separator: " ")
    }

    /// The same with everything else that was asked for, but without answers.
    private var answerable: String {
      (["recur convert", shellPath(input), shellPath(outputFile)]
        + (to.map { ["--to \($0)"] } ?? []) + source.words
        + (module.map { ["--module \(shellPath($0))"] } ?? [])
        + (dtype.map { ["--dtype \($0.rawValue)"] } ?? [])
        + kept.map { "--keep-float32 \(shellWord($0))" } + graphOptions
        + (force ? ["--force"] : []))
        .joined(separator: " ")
    }

    private var graphOptions: [String] {
      (opset.map { ["--opset \($0)"] } ?? []) + (states ? ["--states"] : [])
    }

    private func check(_ conversion: Conversion, as basis: ModelBasis) -> String {
      switch conversion.proof {
      case .outputs:
        "checked: the written weights give the outputs of the "
          + (conversion.narrowedTo.map { "model rounded to \($0)" } ?? "original")
          + (basis.title.map { " " + $0 } ?? "") + " on a random input, "
          + "max |diff| " + scientific(conversion.largestDifference)
          + (conversion.isRounded ? ", where weights were rounded" : "")
      case .layers:
        "checked: the model is too large to be tried; every layer was read back, its weights bit for "
          + "bit and its options"
      case .carried:
        "checked: layers of unknown classes can't be run; every layer was read back, its weights bit for "
          + "bit and its options"
      case .tensors: "checked: every tensor was read back, bit for bit"
      }
    }

    private func json(_ mapping: TensorMapping) -> JSONValue {
      func shape(_ shape: [Int]) -> JSONValue { .array(shape.map { .integer($0) }) }
      return [
        "source": mapping.source.map { .string($0) } ?? .null,
        "source_shape": mapping.sourceShape.map(shape) ?? .null,
        "target": .string(mapping.target), "target_shape": shape(mapping.targetShape),
        "operation": .string(mapping.operation),
      ]
    }
  }
#endif
