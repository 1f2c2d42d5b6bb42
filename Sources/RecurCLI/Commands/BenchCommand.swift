#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurInference
  import RecurTensors

  struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "bench",
      abstract: "Measures how fast a model runs on this machine, on random inputs.",
      discussion: """
        The time of a run is the median of many, after a few that don't count. A run begins with a \
        state of zeros and gives every output. Operations are the multiplications and additions in \
        products with weights: two per weight, timestep and sequence. Peak memory is that of the \
        whole process.

        EXAMPLES
          recur bench model.h5
          recur bench model.h5 --batch 32 --timesteps 100 --threads 2
          recur bench model.h5 --timesteps 1 --format json
          recur bench model.h5 --engine reference
          recur bench model.h5 --timesteps 1 --weights int8
        """)

    @Argument(help: "The model.", completion: .file())
    var file: String

    @Option(help: "How many sequences one run takes.")
    var batch = 1

    @Option(help: "The timesteps of each, or as many as the model demands.")
    var timesteps = 256

    @Option(help: ArgumentHelp("How long to measure.", valueName: "seconds"))
    var budget = 1.0

    @OptionGroup(title: "Engine") var engine: EngineOptions

    @OptionGroup(title: "Weights of the engine") var weights: WeightOptions

    @OptionGroup var source: ModelOptions

    @OptionGroup var output: OutputOptions

    func validate() throws {
      try weights.validate(beside: engine)
      for (name, value) in [("--batch", batch), ("--timesteps", timesteps)]
      where !(1...1_000_000).contains(value) {
        throw ValidationError("\(name) is \(value); it can be 1 to 1000000")
      }
      guard budget > 0, budget <= 3600 else {
        throw ValidationError("--budget is \(budget); it can be more than 0 and up to 3600")
      }
    }

    func run() throws {
      var words = CommandWords(model: file, source: source.words)
      words.holdsNarrowWeights = weights.weights != nil
      try Report.run("bench", output, words: words) {
        report throws(CheckpointError) in
        let start = ContinuousClock.now
        let checkpoint = try source.open(file)
        let loading = ContinuousClock.now - start
        report.add(checkpoint.diagnostics)
        let isWatched = !output.quiet && StandardOutput.isTerminal(2)
        if isWatched { StandardOutput.writeStatus("measuring for \(budget) s") }
        defer { if isWatched { StandardOutput.writeStatus("\r\u{1B}[K") } }
        let engine = engine.choice(for: checkpoint.model, holding: weights)
        let benchmark = try ModelBenchmark(
          checkpoint.model, on: engine, batch: batch, timesteps: timesteps,
          budget: .seconds(budget))
        let figures = BenchFigures(
          model: checkpoint.model.name, engine: engine,
          layersOnReference: checkpoint.model.layersOnReference, loading: loading,
          benchmark: benchmark, peakMemory: ModelBenchmark.peakMemory)
        figures.lines.forEach { report.line($0) }
        report.member("file", .string(file))
        for (name, value) in figures.members { report.member(name, value) }
        if isWatched { StandardOutput.writeStatus("\r\u{1B}[K") }
        try report.print()
      }
    }
  }
#endif
