#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurModel
  import RecurTensors
  import RecurVerification

  struct GoldenRecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "record",
      abstract: "Records what a model computes on inputs that show mistakes.",
      discussion: """
        The inputs are random with a fixed seed: three recordings of several lengths and batches, with \
        masked timesteps at the end, at the beginning and in the middle where the model masks, and \
        with initial states where it takes them. The reference computes the outputs. Such a golden \
        proves that conversions compute the same; it proves nothing about how the file is read. \
        docs/goldens.md has the lines that record the same in Keras, PyTorch, ONNX Runtime and \
        TensorFlow.

        EXAMPLES
          recur golden record model.h5 -o golden.npz
          recur golden record model.keras -o golden.npz --steps 64 --batch 4 --seed 7
          recur golden record model.h5 -o golden.npz --traces
        """)

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Option(
      name: [.customShort("o"), .customLong("output")], help: "The file to write, .npz.",
      completion: .file(extensions: ["npz"]))
    var outputFile: String

    @Option(help: "The seed of the inputs.")
    var seed: UInt64 = 0

    @Option(help: "The number of timesteps of the first recording.")
    var steps = 12

    @Option(help: "The number of sequences of the first recording.")
    var batch = 3

    @Flag(help: "Write what every layer puts out in the first call too: trace/LAYER.")
    var traces = false

    @OptionGroup var source: ModelOptions

    @OptionGroup(title: "What weights leave open") var answers: ReadingOptions

    @Flag(help: "Replace a file that exists.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard outputFile.hasSuffix(".npz") else {
        throw ValidationError("a golden is an .npz: end the name of the output with it")
      }
      for (name, value) in [("--steps", steps), ("--batch", batch)]
      where !(1...1 << 20).contains(value) {
        throw ValidationError("\(name) is \(value); a number from 1 to \(1 << 20) belongs there")
      }
    }

    func run() throws {
      let words = CommandWords(model: file, source: source.words + answers.words)
      try Report.run("golden record", output, words: words) { report throws(CheckpointError) in
        report.member("file", .string(file))
        let checkpoint = try source.open(file, answering: answers)
        report.add(checkpoint.basis)
        report.add(checkpoint.diagnostics)
        let recording = try checkpoint.recordGolden(
          to: outputFile, seed: seed, batch: batch, timesteps: steps, tracesLayers: traces,
          overwriting: force)
        let inputs = recording.golden.inputs.count / recording.sizes.count
        let outputs = recording.golden.outputs.count / recording.sizes.count
        var table = Table()
        for (index, size) in recording.sizes.enumerated() {
          table.add(
            "recording \(index + 1)", count(size.batch, "sequence"),
            count(size.timesteps, "timestep"),
            (0..<inputs).map { place in
              shapeText(recording.golden.inputs[index * inputs + place].shape)
            }.joined(separator: " ")
              + " -> "
              + (0..<outputs).map { place in
                shapeText(recording.golden.outputs[index * outputs + place].shape)
              }.joined(separator: " "))
        }
        table.lines.forEach { report.line($0) }
        if traces { report.line(count(recording.traces.count, "layer") + " traced") }
        report.line("wrote \(escaped(outputFile)), which proves conversions and not the reading")
        report.member("output", .string(outputFile))
        report.member("producer", .string(GoldenFile.ownProducer))
        report.member(
          "recordings",
          .array(
            recording.sizes.map {
              ["batch": .integer($0.batch), "timesteps": .integer($0.timesteps)]
            }))
        report.member("traces", .array(recording.traces.map { .string($0.layer) }))
        try report.print()
      }
    }
  }
#endif
