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
      abstract: "Runs a model.",
      discussion: """
        An .npz gives its arrays in_0, in_1, … (or arr_0, …, or the model's own input names); a \
        stateful model takes several calls' worth of them. The outputs are written as out_0, out_1, …

        Several inputs for a model that takes one are sequences of one batch. Those of different \
        lengths are padded with --pad and run with a mask (Keras) or packed (PyTorch), so that each \
        gives what it gives alone; layers that would see the padding are refused by name.

        Models run in float32, those that compute in float64 by the reference, in Double.

        EXAMPLES
          recur run model.h5 --input x.npy -o y.npz
          recur run seq2seq.h5 --input encoder.npy --input decoder.npy -o y.npz
          recur run model.h5 --input golden.npz --format json
          recur run model.h5 --input a.npy --input b.npy --pad post --unpad -o y.npz
          recur run model.pt --input padded.npy --lengths 10,4 -o y.npz
          recur run model.h5 --input x.npy --chunk 16 --save-state s.npz -o y.npz
          recur run model.h5 --input next.npy --stateful --state s.npz --save-state s2.npz
          recur run model.h5 --input x.npy --engine reference -o y.npz
          recur run model.h5 --input x.npy --weights int8 -o y.npz
        """)

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Option(help: "An input, .npy, in call order; or one .npz with all of them.")
    var input: [String]

    @Option(
      name: [.customShort("o"), .customLong("output")], help: "The file for the outputs, .npz.")
    var outputFile: String?

    @Flag(
      help: "Take any number of timesteps, where the file declares one that no layer needs.")
    var freeTimesteps = false

    @OptionGroup(title: "Sequences of different lengths") var sequences: SequenceOptions

    @OptionGroup(title: "Streams and states") var stream: StreamOptions

    @OptionGroup(title: "Outputs of recurrent layers") var returns: ReturnOptions

    @OptionGroup(title: "Engine") var engine: EngineOptions

    @OptionGroup(title: "Weights of the engine") var weights: WeightOptions

    @OptionGroup var source: ModelOptions

    @OptionGroup(title: "What weights leave open") var answers: ReadingOptions

    @Flag(help: "Replace a file that exists.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws { try weights.validate(beside: engine) }

    func run() throws {
      let command = RunCommandLine(
        model: file, inputs: input, source: source.words + answers.words,
        options: sequences.words + stream.words)
      var words = CommandWords(model: file, source: source.words + answers.words, run: command)
      words.holdsNarrowWeights = weights.weights != nil
      try Report.run("run", output, words: words) { report throws(CheckpointError) in
        try checkOutputs()
        let checkpoint = try source.open(
          file, answering: answers, returning: returns, freesTimesteps: freeTimesteps,
          recorded: source.architecture == nil ? [] : InputFiles(input).recorded)
        report.add(checkpoint.basis)
        report.add(checkpoint.diagnostics)
        let tensors = try InputFiles(input).tensors(for: checkpoint.model)
        let run = try checkpoint.explaining { () throws(CheckpointError) in
          let inputs = try RunInputs(
            tensors, for: checkpoint.model, sequences, stream, command)
          var run = try ModelRun(
            checkpoint, inputs, stream, on: engine.choice(for: checkpoint.model, holding: weights))
          try run.perform()
          return run
        }
        report.add(checkpoint.explained(run.oddities))
        var arrays = run.outputs.enumerated().map { (name: "out_\($0.offset)", tensor: $0.element) }
        if let padded = run.padded {
          report.line(
            "\(padded.lengths.count) sequences of "
              + "\(padded.lengths.map(String.init).joined(separator: ", ")) timesteps, padded to "
              + "\(padded.timesteps) at the \(padded.side == .end ? "end" : "start")")
          report.member("lengths", .array(padded.lengths.map { .integer($0) }))
          let lengths = padded.lengths.map { Int32(clamping: $0) }
          arrays.append(("lengths", try .int32(lengths, shape: [lengths.count])))
        }
        if sequences.unpad { arrays += run.unpadded }
        list(arrays, in: &report)
        if let outputFile { try write(arrays, to: outputFile, &report) }
        if let saved = stream.saveState { try write(run.savedState(), to: saved, &report) }
        try report.print()
      }
    }

    /// Refuses output files that do not end in `.npz`.
    private func checkOutputs() throws(CheckpointError) {
      for path in [outputFile, stream.saveState].compactMap({ $0 }) {
        guard path.hasSuffix(".npz") else {
          throw CheckpointError(
            .fileFormatUnknown, "outputs are written as .npz", at: .init(file: path),
            expected: "a name that ends in .npz")
        }
        var others = [file, source.architecture].compactMap { $0 } + input
        if let state = stream.state, state != StateFile.zeros { others.append(state) }
        guard path != outputFile || path != stream.saveState else {
          throw CheckpointError(
            .fileExists, "outputs and states can't go into one file", at: .init(file: path),
            expected: "two names", found: path)
        }
        try checkOutput(path, inputs: others, replacing: force)
      }
    }

    private func list(_ arrays: [(name: String, tensor: Tensor)], in report: inout Report) {
      var rows: [JSONValue] = []
      for (name, tensor) in arrays where name != "lengths" {
        let values = tensor.doubles()
        // Only as many digits as all engines agree on.
        let range =
          values.isEmpty
          ? "empty" : "from \(short(values.min() ?? .nan)) to \(short(values.max() ?? .nan))"
        report.line("\(name) \(shapeText(tensor.shape)) \(range)")
        rows.append([
          "name": .string(name),
          "shape": .array(tensor.shape.map { .integer($0) }),
          "values": .array(values.map { .number($0) }),
        ])
      }
      report.member("outputs", .array(rows))
    }

    private func write(
      _ arrays: [(name: String, tensor: Tensor)], to path: String, _ report: inout Report
    ) throws(CheckpointError) {
      var file = try AtomicFile(replacing: path)
      try NPZArchive.write(arrays, to: &file)
      try file.commit()
      report.line("wrote \(escaped(path))")
    }
  }
#endif
