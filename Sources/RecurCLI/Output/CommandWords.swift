#if CommandLine
  import Recur
  import RecurContainers
  import RecurTensors

  /// Findings in the words of the command line: remedies as commands, options by their flags.
  ///
  /// What a command was given says which files and options stand in the commands.
  struct CommandWords {
    /// The model as the user named it.
    var model: String?
    /// What else was said about it, an option and its value each: `--architecture lstm.json`.
    var source: [String] = []
    /// The recording.
    var golden: String?
    /// The command `run` that is under way.
    var run: RunCommandLine?
    /// The command `convert` that is under way: `recur convert model.h5 model.pt`.
    var conversion: String?

    /// The same with everything that was asked for, but without answers to what the file leaves open.
    var answerable: String?
    /// Those answers, an option and its value each.
    var readings: [String] = []

    /// A finding as it is reported.
    func spelled(_ finding: Diagnostic) -> Diagnostic {
      var copy = finding.spelled(name)
      copy.remedies = finding.remedies.flatMap { remedy in
        if case .code = remedy { return [remedy] }
        return lines(for: remedy).map { .code(.init(.recur, $0)) }
      }
      return copy
    }

    /// What a term is called on the command line.
    private func name(_ term: Diagnostic.Term) -> String {
      switch term {
      case .architecture: "--architecture"
      case .key(let path): "--key" + (path.map { " \($0)" } ?? "")
      case .inputs(let names): "--inputs" + (names.map { " \($0.joined(separator: ","))" } ?? "")
      case .readings(let readings):
        readings.map { $0.words.joined(separator: " ") } ?? "--timesteps"
      case .recording: "--golden FILE.npz"
      case .weightNormFolding: "--fold-weight-norm"
      case .module(let file): "--module" + (file.map { " \($0)" } ?? "")
      case .format(let id): "--to" + (id.map { " \($0)" } ?? "")
      case .replacing: "--force"
      case .absoluteTolerance(let size): "--atol \(size)"
      case .stream: "--stateful"
      case .inspection: "recur inspect"
      case .declaration: "recur inspect --emit-architecture"
      case .conversion: "recur convert"
      case .moduleConversion: "recur convert IN model.pt --module model.py"
      case .verification: "recur validate MODEL --golden FILE"
      case .formats: "recur formats"
      case .caller: "the command line"
      }
    }

    /// A remedy as commands, or as options where the command is not known.
    private func lines(for remedy: Diagnostic.Remedy) -> [String] {
      switch remedy {
      case .compareShapes(_, let given, _):
        [
          line("recur summary", model) + " --input-shape "
            + given.map(String.init).joined(separator: ",")
        ]
      case .padTimesteps(let wanted, let given, let file, _, _):
        [
          line("recur run", model) + " --input \(shellWord(file ?? "x.npy")) --pad post"
            + (given < wanted ? "" : " --truncate post") + " --maxlen \(wanted)"
        ]
      case .joinSequences: [option("--pad post -o y.npz")]
      case .runEachSequence: [option("--input SEQUENCE.npy   # one sequence at a time")]
      case .countPadding:
        [
          option("--pad post --no-mask   # if it was trained on padded sequences without a mask")
        ]
      case .runWholeSequence:
        [option("--input SEQUENCE.npy   # without --chunk and --stateful")]
      case .pad(let value): [option("--pad-value \(value)")]
      case .padAtEnd: [option("--pad post")]
      case .giveLengths(let lengths):
        [
          option(
            "--lengths " + lengths.prefix(8).map(String.init).joined(separator: ",")
              + (lengths.count > 8 ? ",…" : ""))
        ]
      case .truncate: [option("--truncate pre   # as Keras does; post drops the last ones")]
      case .beginWithZeros: [option("--state zeros")]
      case .declareOutputs:
        ["\"select\": \"output\" of the layer, and \"outputs\", in an --architecture FILE.json"]
      case .useReference: [option("--engine reference")]
      case .store(let type): [(conversion ?? line("recur validate", model)) + " --dtype \(type)"]
      // A command that only checks keeps nothing.
      case .keepWeights(let layer, let type):
        conversion.map { ["\($0) --dtype \(type) --keep-float32 \(layer)"] } ?? []
      case .writeModule: [(conversion ?? "recur convert IN model.pt") + " --module model.py"]
      case .chooseStateDict(let path): ["--key '\(path)'"]
      case .convertOriginal: ["recur convert model.h5 model.pt"]
      case .convertWithArchitecture:
        ["recur convert WEIGHTS.h5 model.keras --architecture MODEL.json"]
      case .declareKey(let key, let other): ["\"key\": \(quoted(key)) in place of \(quoted(other))"]
      case .declareOptions: [declaration + " > architecture.json"]
      case .nameInputs(let names):
        [whole + (readings + ["--inputs \(names.joined(separator: ","))"]).joined(separator: " ")]
      case .answer(let readings): [whole + readings.words.joined(separator: " ")]
      case .declareModel:
        [
          "\(declaration) > architecture.json && \(whole)--architecture architecture.json"
        ]
      case .exportTensors:
        ["recur convert --tensors \(shellWord(model ?? "IN")) tensors.safetensors"]
      case .diagnose: [diagnosis]
      case .writeRepaired: ["\(diagnosis) --write \(repairedName)"]
      case .allow(let size):
        ["\(line("recur validate", model)) --golden \(recording) --atol \(scientific(size))"]
      case .compareWeights: ["recur compare --weights \(shellWord(model ?? "MODEL")) OTHER"]
      case .code, .addBatchAxis, .exchangeAxes, .rebuild, .freeAxis, .enlargeVocabulary,
        .castTokens, .cast, .resetStates, .makeZeros, .adjustState, .exchangeStateAxes,
        .repeatState, .returnSequences, .selectOutputs, .transposeKernel, .declareUnits,
        .reorderGates, .putBatchFirst, .saveTensors:
        []
      }
    }

    /// A command for a model with what was said about it.
    private func line(_ command: String, _ model: String?) -> String {
      ([command, shellWord(model ?? "MODEL")] + source).joined(separator: " ")
    }

    /// The command that begins a declaration of the model.
    private var declaration: String {
      let key = source.filter { $0.hasPrefix("--key ") }
      return (["recur inspect", shellWord(model ?? "MODEL")] + key + ["--emit-architecture"])
        .joined(separator: " ")
    }

    /// The conversion that is under way, with room for options behind it.
    private var whole: String { (answerable ?? "recur convert IN model.keras") + " " }

    /// Options of the command that is under way.
    private func option(_ text: String) -> String { run?.completed(text) ?? text }

    private var recording: String { shellWord(golden ?? "golden.npz") }

    private var diagnosis: String { "\(line("recur diagnose", model)) --golden \(recording)" }

    /// A name for the repaired model with the ending of the file, where files of that kind are
    /// written.
    private var repairedName: String {
      let endings = [".weights.h5", ".keras", ".h5", ".pth", ".pt", ".safetensors", ".npz"]
      return "fixed" + (endings.first { model?.hasSuffix($0) == true } ?? ".pt")
    }

    /// A string of JSON.
    private func quoted(_ text: String) -> String { JSONValue.string(text).text }
  }
#endif
