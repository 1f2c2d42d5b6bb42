#if CommandLine
  import Recur
  import RecurContainers
  import RecurTensors

  /// The words of the command line for findings: remedies as commands, options as flags.
  ///
  /// Fixes repeat the files and the options that the user gave.
  struct CommandWords {
    /// The model as the user named it.
    var model: String?
    /// The user's options for opening the model, each with its value: `--architecture lstm.json`.
    var source: [String] = []
    /// The recording, as options: `--golden golden.npz`.
    var golden: String?
    /// The name of the command that is under way: `validate`.
    var command: String?
    /// Whether the command was given a type in which the engine holds weights.
    var holdsNarrowWeights = false
    /// The `run` command that is under way.
    var run: RunCommandLine?
    /// The `convert` command that is under way: `recur convert model.h5 model.pt`.
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

    /// The name of a term on the command line.
    private func name(_ term: Diagnostic.Term) -> String {
      switch term {
      case .architecture: "--architecture"
      case .lambda: "--lambda"
      case .settings: "--set"
      case .key(let path): "--key" + (path.map { " \($0)" } ?? "")
      case .inputs(let names): "--inputs" + (names.map { " \($0.joined(separator: ","))" } ?? "")
      case .outputs(let names):
        "--outputs" + (names.map { " \($0.joined(separator: ","))" } ?? "")
      case .start(let layer): "--start-at" + (layer.map { " \(shellWord($0))" } ?? "")
      case .readings(let readings):
        readings.map { $0.words.joined(separator: " ") } ?? "--timesteps"
      case .recording: "--golden FILE.npz"
      case .weightNormFolding: "--fold-weight-norm"
      case .module(let file): "--module" + (file.map { " \($0)" } ?? "")
      case .format(let id): "--to" + (id.map { " \($0)" } ?? "")
      case .replacing: "--force"
      case .operatorSet: "--opset"
      case .states: "--states"
      case .absoluteTolerance(let size): "--atol \(size)"
      case .stream: "--stateful"
      case .inspection: "recur inspect"
      case .declaration: "recur inspect --emit-architecture"
      case .conversion: "recur convert"
      case .moduleConversion: moduleConversion
      case .verification: "recur validate MODEL --golden FILE"
      case .recordedArrays: "--golden-input x.npy --golden-output y.npy"
      case .formats: "recur formats"
      case .caller: "the command line"
      }
    }

    /// The commands for a remedy, or the options where the command is not known.
    private func lines(for remedy: Diagnostic.Remedy) -> [String] {
      switch remedy {
      case .compareShapes(_, let given, _):
        [
          line("recur summary", model) + " --input-shape "
            + given.map(String.init).joined(separator: ",")
        ]
      case .padTimesteps(let wanted, let given, let file, _, _):
        [
          line("recur run", model) + " --input \(shellPath(file ?? "x.npy")) --pad post"
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
      // Other commands can't keep weights in float32, and have no such fix.
      case .keepWeights(let layer, let type):
        conversion.map { ["\($0) --dtype \(type) --keep-float32 \(layer)"] }
          ?? (holdsNarrowWeights ? [option("--keep-float32 \(shellWord(layer))")] : [])
      case .writeModule: [conversion.map { $0 + " --module model.py" } ?? moduleConversion]
      case .chooseStateDict(let path): [choosing("--key \(shellWord(path))")]
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
          "\(declaration) > architecture.json   # then say in it what is null",
          "\(whole)--architecture architecture.json   # with what was said",
        ]
      case .exportTensors:
        ["recur convert --tensors \(shellPath(model ?? "IN")) tensors.safetensors"]
      case .diagnose: [diagnosis]
      case .writeRepaired: ["\(diagnosis) --write \(repairedName)"]
      case .allow(let size):
        ["\(line("recur validate", model)) \(recording) --atol \(scientific(size))"]
      case .compareWeights: ["recur compare --weights \(shellPath(model ?? "MODEL")) OTHER"]
      case .auditRecording:
        ["\(line("recur golden audit", model)) \(auditedGolden)"]
      case .code, .addBatchAxis, .exchangeAxes, .rebuild, .freeAxis, .enlargeVocabulary,
        .castTokens, .cast, .resetStates, .makeZeros, .adjustState, .exchangeStateAxes,
        .repeatState, .returnSequences, .selectOutputs, .transposeKernel, .declareUnits,
        .reorderGates, .putBatchFirst, .saveTensors:
        []
      }
    }

    /// A command for a model, with the user's options for opening it.
    private func line(_ command: String, _ model: String?) -> String {
      ([command, shellPath(model ?? "MODEL")] + source).joined(separator: " ")
    }

    /// The command that begins a declaration of the model.
    private var declaration: String {
      let key = source.filter { $0.hasPrefix("--key ") }
      return (["recur inspect", shellPath(model ?? "MODEL")] + key + ["--emit-architecture"])
        .joined(separator: " ")
    }

    /// The conversion that is under way, or one of the model, with room for options behind it.
    private var whole: String {
      if let answerable { return answerable + " " }
      let kept = source.filter { !$0.hasPrefix("--architecture ") }
      return (["recur convert", shellPath(model ?? "IN"), "model.keras"] + kept).joined(
        separator: " ")
        + " "
    }

    /// The conversion of the model to a PyTorch module.
    private var moduleConversion: String {
      (["recur convert", shellPath(model ?? "IN"), "model.pt"] + source + ["--module model.py"])
        .joined(separator: " ")
    }

    /// Options of the command that is under way.
    private func option(_ text: String) -> String { run?.completed(text) ?? text }

    /// The archive of the recording alone, without its option.
    private var auditedGolden: String {
      let option = "--golden "
      guard let golden, golden.hasPrefix(option) else { return "golden.npz" }
      return String(golden.dropFirst(option.count))
    }

    private var recording: String { golden ?? "--golden golden.npz" }

    private var diagnosis: String { "\(line("recur diagnose", model)) \(recording)" }

    /// The command that is under way with another key; the option where the command is not known.
    private func choosing(_ text: String) -> String {
      let given = source.first { $0.hasPrefix("--key ") }
      func keyless(_ command: String) -> String {
        given.map { command.replacing(" " + $0, with: "") } ?? command
      }
      func replaced(_ command: String) -> String { "\(keyless(command)) \(text)" }
      if let conversion { return replaced(conversion) }
      switch command {
      case "inspect", "summary", "bench": return replaced(line("recur \(command ?? "")", model))
      case "validate", "diagnose":
        let recording = golden.map { " \($0)" } ?? ""
        return replaced(line("recur \(command ?? "")", model) + recording)
      case "run": return run.map { keyless($0.completed(text)) } ?? text
      default: return text
      }
    }

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
