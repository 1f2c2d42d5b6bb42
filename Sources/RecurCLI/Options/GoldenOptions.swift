#if CommandLine
  import ArgumentParser
  import Recur
  import RecurFormats
  import RecurTensors
  import RecurVerification

  /// Where inputs and outputs were recorded: an archive, a folder, or a file for each array.
  struct GoldenOptions: ParsableArguments {
    @Option(
      help: """
        Recorded inputs and outputs of one checkpoint, .npz: in_0, … and out_0, …; or other names \
        that can mean one thing only; or a folder test_data_set_0 of ONNX's model zoo.
        """,
      completion: .file(extensions: ["npz"]))
    var golden: String?

    @Option(
      name: .customLong("golden-input"),
      help: ArgumentHelp(
        "A recorded input, .npy, in call order; with --golden-output.", valueName: "file"),
      completion: .file(extensions: ["npy"]))
    var inputs: [String] = []

    @Option(
      name: .customLong("golden-output"),
      help: ArgumentHelp("A recorded output, .npy, in call order.", valueName: "file"),
      completion: .file(extensions: ["npy"]))
    var outputs: [String] = []

    func validate() throws {
      guard inputs.isEmpty == outputs.isEmpty else {
        throw ValidationError("--golden-input and --golden-output belong together")
      }
      guard golden == nil || inputs.isEmpty else {
        throw ValidationError("--golden is an archive of inputs and outputs: leave out the others")
      }
    }

    /// What was given, if anything was.
    var source: GoldenSource? {
      golden.map { .given($0) }
        ?? (inputs.isEmpty ? nil : .arrays(inputs: inputs, outputs: outputs))
    }
  }

  extension GoldenSource {
    /// The options that say the same.
    var words: String {
      switch self {
      case .archive(let path), .folder(let path, _): "--golden \(shellPath(path))"
      case .arrays(let inputs, let outputs):
        (inputs.map { "--golden-input \(shellPath($0))" }
          + outputs.map { "--golden-output \(shellPath($0))" }).joined(separator: " ")
      }
    }

    /// The axes of the inputs, as far as they can be read without a model.
    var recordedInputs: [RecordedInput] {
      ((try? read(for: nil))?.inputs ?? []).map(RecordedInput.init)
    }

    /// The files that are read.
    var files: [String] {
      switch self {
      case .archive(let path), .folder(let path, _): [path]
      case .arrays(let inputs, let outputs): inputs + outputs
      }
    }
  }
#endif
