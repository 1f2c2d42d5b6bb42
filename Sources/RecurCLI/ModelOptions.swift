#if CommandLine
  import ArgumentParser
  import Recur

  /// What every command that opens a model may be told about it.
  struct ModelOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "A file whose architecture holds: a model, or PyTorch modules declared in JSON.",
        valueName: "file"), completion: .file())
    var architecture: String?

    @Option(
      help: ArgumentHelp(
        "The state dict to take from a checkpoint that holds several: model.ema.",
        valueName: "path"))
    var key: String?

    @Option(
      help: ArgumentHelp(
        "What a PyTorch model is called with: x; x,h_0,c_0; x,lengths.", valueName: "names"))
    var inputs: InputNames?

    @Flag(name: .customLong("fold-weight-norm"), help: "Multiply out weights of weight_norm.")
    var foldsWeightNorm = false

    /// The same for the library.
    var opening: OpeningOptions {
      OpeningOptions(
        architecture: architecture, key: key, foldsWeightNorm: foldsWeightNorm,
        inputs: inputs?.names)
    }
  }

  /// Names on the command line with commas between them.
  struct InputNames: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
      names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
    }
  }
#endif
