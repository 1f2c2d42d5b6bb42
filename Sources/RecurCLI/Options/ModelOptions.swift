#if CommandLine
  import ArgumentParser
  import Recur
  import RecurFormats
  import RecurTensors

  /// The options of every command that opens a model.
  struct ModelOptions: ParsableArguments {
    @OptionGroup var given: ArchitectureOptions

    @Option(
      help: ArgumentHelp(
        "The state dict to take from a checkpoint that holds several: model.ema.",
        valueName: "path"))
    var key: String?

    @Option(
      help: ArgumentHelp(
        "What a PyTorch model is called with: x; x,h_0,c_0; x,lengths.", valueName: "names"))
    var inputs: InputNames?

    @Option(
      help: ArgumentHelp(
        "What a graph of TensorFlow 1 puts out, by the names of its nodes: logits,rnn/while/Exit_3.",
        valueName: "names"))
    var outputs: InputNames?

    @Option(
      help: ArgumentHelp(
        "The layer at which the model begins: what it reads becomes an input, and what is before it is left out.",
        valueName: "layer"))
    var startAt: String?

    @Flag(name: .customLong("fold-weight-norm"), help: "Multiply out weights of weight_norm.")
    var foldsWeightNorm = false

    @Option(help: "The units that the first recurrent layer should have: hidden_size in PyTorch.")
    var units: Int?

    @Option(help: "The input size that the first recurrent layer should have.")
    var inputSize: Int?

    @Option(help: "The number of layers that the first recurrent module should have.")
    var layers: Int?

    @Flag(inversion: .prefixedNo, help: "Whether the first recurrent module reads from both ends.")
    var bidirectional: Bool?

    /// The file that gives the architecture.
    var architecture: String? { given.architecture }

    /// The options as words of a command line, for commands in fixes.
    var words: [String] {
      given.words
        + [
          key.map { "--key \(shellWord($0))" },
          inputs.map { "--inputs \(shellWord($0.names.joined(separator: ",")))" },
          outputs.map { "--outputs \(shellWord($0.names.joined(separator: ",")))" },
          startAt.map { "--start-at \(shellWord($0))" },
          foldsWeightNorm ? "--fold-weight-norm" : nil,
        ].compactMap { $0 }
    }

    /// Whether anything was said about the model that the weights make.
    var saysModel: Bool {
      given.architecture != nil || inputs != nil || foldsWeightNorm || !sizes.isEmpty
    }

    /// What is declared about the first recurrent module.
    var sizes: DeclaredSizes {
      DeclaredSizes(
        units: units, inputSize: inputSize, layers: layers, isBidirectional: bidirectional)
    }

    /// Opens a file and checks the declared sizes.
    ///
    /// Without `checksWeights`, weights are read only where shapes are not enough.
    ///
    /// - Throws: what opening it throws, and errors about the declared sizes.
    func open(
      _ path: String, answering readings: ReadingOptions? = nil,
      returning returns: ReturnOptions? = nil, freesTimesteps: Bool = false,
      checksWeights: Bool = true, recorded: [RecordedInput] = []
    ) throws(CheckpointError) -> Checkpoint {
      var options = opening(answering: readings)
      options.recordedInputs = recorded
      options.returnsSequences = returns?.returnSequences ?? false
      options.returnsStates = returns?.returnState ?? false
      options.freesTimesteps = freesTimesteps
      options.checksWeights = checksWeights
      let checkpoint = try Checkpoint(opening: path, options: options)
      let findings = checkpoint.model.findings(against: sizes).map { $0.located(file: path) }
      if let error = CheckpointError(findings: findings) { throw error }
      return checkpoint
    }

    /// The same for the library.
    func opening(answering answers: ReadingOptions?) -> OpeningOptions {
      var options = OpeningOptions(
        architecture: given.architecture, key: key, foldsWeightNorm: foldsWeightNorm,
        inputs: inputs?.names, startsAt: startAt, readings: answers?.readings ?? Readings())
      options.settings = given.values
      options.lambdas = given.functions
      options.outputs = outputs?.names
      return options
    }
  }

  /// The options that give weights an architecture.
  struct ArchitectureOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "A file whose architecture holds: a model, PyTorch modules declared in JSON, or a Python source: "
          + "model.py, train.ipynb, folder/, each with :ClassName where several classes fit.",
        valueName: "file"), completion: .file())
    var architecture: String?

    @Option(
      name: .customLong("set"),
      help: ArgumentHelp(
        "The value of an argument of the model's constructor in a Python source: hidden_size=64.",
        valueName: "name=value"))
    var settings: [SourceSetting] = []

    @Option(
      name: .customLong("lambda"),
      help: ArgumentHelp(
        "What a Lambda layer of Keras computes, as an expression of x: last=x[:, -1].",
        valueName: "layer=expression"))
    var lambdas: [SourceSetting] = []

    /// The functions of Lambda layers by the names of the layers.
    var functions: [String: String] { lambdas.byName }

    /// The settings by their names.
    var values: [String: String] { settings.byName }

    /// The options as words of a command line.
    var words: [String] {
      [architecture.map { "--architecture \(shellPath($0))" }].compactMap { $0 }
        + settings.map { "--set \($0.word)" } + lambdas.map { "--lambda \($0.word)" }
    }
  }

  /// A name and its value on the command line: `hidden_size=64`.
  struct SourceSetting: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
      guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
        return nil
      }
      name = String(argument[..<equals])
      value = String(argument[argument.index(after: equals)...])
    }

    /// The argument as a word of a command line.
    var word: String { shellWord("\(name)=\(value)") }
  }

  extension [SourceSetting] {
    /// The values by their names; the last one holds.
    var byName: [String: String] {
      Dictionary(map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
  }

  /// Names on the command line, separated by commas.
  struct InputNames: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
      names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
    }
  }
#endif
