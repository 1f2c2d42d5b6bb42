#if CommandLine
  import ArgumentParser
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurTensors
  import RecurVerification

  struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "validate",
      abstract: "Checks checkpoints: shapes, finite numbers, and recorded outputs.",
      discussion: """
        A golden file is an .npz with in_0, in_1, … and out_0, out_1, … recorded from the framework:
          np.savez('golden.npz', in_0=x, out_0=model.predict(x))
        Fewer outputs than the model has are compared as far as they go. Two arrays in files of their \
        own are --golden-input x.npy --golden-output y.npy.
        The tolerance is derived from what float rounding does to this model, unless --atol or --rtol \
        say otherwise. The reference judges; with --engine fast the numbers of the fast engine are \
        judged, by what the reference allows.

        Of several files each gets one line, and a summary ends the list. In folders, checkpoints are \
        told by their content; hidden files are left alone. What can't be read or opened is judged, \
        and fails. The status is the worst of all. The argument - takes a list of files from \
        standard input; a pattern such as 'models/**/*.h5' takes what matches.

        EXAMPLES
          recur validate model.h5
          recur validate model.h5 --golden golden.npz
          recur validate model.h5 --golden-input x.npy --golden-output y.npy
          recur validate model.pt --architecture model.h5 --golden golden.npz
          recur validate model.h5 --units 128 --input-size 80
          recur validate lstm.pt --units 64 --layers 2 --bidirectional
          recur validate model.pt --architecture architecture.json --golden golden.npz
          recur validate model.h5 --golden golden.npz --weights int8 --budget 1e-2
          recur validate models --goldens
          recur validate models --format github --report junit=report.xml --strict
          find . -name '*.h5' -print0 | recur validate - -0 --format ndjson
        """)

    @Argument(
      help: "Checkpoints, folders of them, patterns, and - for a list.", completion: .file())
    var files: [String] = []

    @OptionGroup(title: "Many files") var fleet: FleetOptions

    @OptionGroup var config: ConfigOptions

    @OptionGroup var recording: GoldenOptions

    @Flag(help: "Compare every NAME.h5 with NAME.golden.npz, where it stands beside.")
    var goldens = false

    @Flag(help: "Read every NAME.pt with the architecture NAME.json, where it stands beside.")
    var architectures = false

    @Flag(
      name: .customLong("same-name"),
      help: "Of several files, warn of those of one name that hold other weights: a.h5 and a.pt.")
    var comparesNames = false

    @OptionGroup var source: ModelOptions

    @OptionGroup(title: "What weights leave open") var answers: ReadingOptions

    @Option(help: "The absolute tolerance, in place of the derived one.")
    var atol: Double?

    @Option(help: "The relative tolerance; alone, it replaces the absolute one.")
    var rtol: Double?

    @Option(
      help: ArgumentHelp(
        "Also check what storing the weights as this type would do: float16, bfloat16, float32.",
        valueName: "type"))
    var dtype: StoredType?

    @OptionGroup(title: "Engine") var engine: EngineOptions

    @OptionGroup(title: "Weights of the engine") var weights: WeightOptions

    @Option(
      help: ArgumentHelp(
        "How far recorded outputs may be away when the engine holds weights as --weights says.",
        valueName: "difference"))
    var budget: Double?

    @OptionGroup var output: OutputOptions

    /// Whether each file is one of a list.
    ///
    /// A folder that is one model is no list; one that stands for a model and may hold others is none
    /// with what belongs to one model.
    private var isFleet: Bool {
      files.count != 1 || fleet.isAboutMany
        || files.contains {
          $0 == "-" || FileWalk.pattern($0) != nil
            || FileWalk.isFolder($0) && !FormatRegistry.all.isModelFolder($0)
              && !(recording.source != nil && FileWalk.standsForModel($0))
        }
    }

    func validate() throws {
      guard !files.isEmpty || fleet.list != nil else {
        throw ValidationError("name a checkpoint, a folder, or - for a list on standard input")
      }
      guard files.count(where: { $0 == "-" }) + (fleet.list == "-" ? 1 : 0) <= 1 else {
        throw ValidationError("standard input can be one list; - stands more than once")
      }
      guard !fleet.hasNulls || fleet.list != nil || files.contains("-") else {
        throw ValidationError("--null is about a list of files: add - or --files-from")
      }
      guard
        fleet.resume == nil
          || output.format == .ndjson && output.reports.isEmpty && output.writeBaseline == nil
      else {
        throw ValidationError(
          "--resume repeats lines of ndjson: add --format ndjson, without other reports")
      }
      guard recording.source != nil || goldens || (atol == nil && rtol == nil) else {
        throw ValidationError("--atol and --rtol compare with recorded outputs: add --golden")
      }
      guard recording.source != nil || goldens || !engine.isChosen else {
        throw ValidationError("the engine computes what recordings are compared with: add --golden")
      }
      try weights.validate(beside: engine)
      guard weights.weights != nil || budget == nil else {
        throw ValidationError("--budget is for outputs with narrow weights: add --weights")
      }
      guard recording.source != nil || goldens || weights.weights == nil else {
        throw ValidationError("--weights is judged by recorded outputs: add --golden")
      }
      for (name, value) in [("--atol", atol), ("--rtol", rtol), ("--budget", budget)] {
        if let value, !(value >= 0) || !value.isFinite {
          throw ValidationError("\(name) is \(value); a number from 0 up belongs there")
        }
      }
      guard recording.source == nil || !isFleet && !goldens else {
        throw ValidationError(
          "--golden belongs to one checkpoint; --goldens takes NAME.golden.npz beside each")
      }
      guard source.architecture == nil || !architectures else {
        throw ValidationError("--architecture is for all files; leave out --architectures")
      }
    }

    func run() throws {
      let settings: RepositorySettings
      do throws(CheckpointError) {
        settings = try config.settings()
      } catch {
        return try Report.run("validate", output) { (_) throws(CheckpointError) in throw error }
      }
      var output = output
      if output.baseline == nil, output.writeBaseline == nil { output.baseline = settings.baseline }
      let checks = FileChecks(command: self, settings: settings)
      if isFleet {
        return try Fleet(
          files, fleet, output, settings: settings, comparesGoldens: checks.comparesGoldens,
          comparesNames: comparesNames
        ).run(
          Fleet.Judge(
            open: { file throws(CheckpointError) in
              try Checkpoint(opening: file, options: checks.opening(file))
            },
            validate: { file, report throws(CheckpointError) in try checks.run(file, &report) },
            settings: checks.digest))
      }
      let file = files[0]
      try Report.run("validate", output, words: CommandWords(model: file)) {
        report throws(CheckpointError) in
        _ = try checks.run(file, &report)
        let fails = report.fails
        if fails { report.status = ExitStatus.doesNotHold }
        try report.print(verdict: fails ? "FAIL" : report.content.good)
      }
    }
  }
#endif
