#if CommandLine
  import ArgumentParser
  import RecurTensors

  /// Answers to what weights without an architecture leave open.
  struct ReadingOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "What is read of the last recurrent module of a state dict: last, all, first, mean, h_n, c_n.",
        valueName: "which"))
    var timesteps: TimestepsChoice?

    @Option(
      help: ArgumentHelp(
        "What an nn.RNN of a state dict applies: tanh, relu.", valueName: "function")
    )
    var nonlinearity: NonlinearityChoice?

    @Option(
      help: ArgumentHelp(
        "The modules of a state dict in the order of calls: lstm,norm,fc.", valueName: "keys"))
    var order: InputNames?

    @Option(
      help: ArgumentHelp(
        "What is applied between modules of a state dict where it leaves room: relu, none, tanh, sigmoid, gelu, elu, leaky_relu, silu; one for all such places, or one for each.",
        valueName: "functions"))
    var between: BetweenChoice?

    /// What was answered, as it may be said again.
    var words: [String] { readings.words }

    /// The same for the library.
    var readings: Readings {
      Readings(
        timesteps: timesteps?.timesteps,
        nonlinearity: nonlinearity.flatMap { Readings.Nonlinearity(rawValue: $0.rawValue) },
        order: order?.names, between: between?.functions)
    }
  }

  /// What is read of a recurrent module, in the words of its users.
  enum TimestepsChoice: String, ExpressibleByArgument, CaseIterable {
    case last, all, first, mean
    case hidden = "h_n"
    case cell = "c_n"

    /// The same for the library.
    var timesteps: Readings.Timesteps {
      switch self {
      case .last: .last
      case .all: .all
      case .first: .first
      case .mean: .mean
      case .hidden: .hidden
      case .cell: .cell
      }
    }
  }

  /// What a plain recurrent module applies.
  enum NonlinearityChoice: String, ExpressibleByArgument, CaseIterable { case tanh, relu }

  /// What stands between modules, separated by commas.
  struct BetweenChoice: ExpressibleByArgument {
    let functions: [Readings.Between]

    init?(argument: String) {
      let words = argument.split(separator: ",", omittingEmptySubsequences: false)
      functions = words.compactMap { Readings.Between(rawValue: String($0)) }
      guard !functions.isEmpty, functions.count == words.count else { return nil }
    }

    static let allValueStrings = Readings.Between.allCases.map(\.rawValue)
  }

  extension Readings {
    /// The answers as options of the command line.
    var words: [String] {
      let choice = TimestepsChoice.allCases.first { $0.timesteps == timesteps }
      return [
        choice.map { "--timesteps \($0.rawValue)" },
        nonlinearity.map { "--nonlinearity \($0.rawValue)" },
        order.map { "--order \(shellWord($0.joined(separator: ",")))" },
        between.map { "--between \($0.map(\.rawValue).joined(separator: ","))" },
      ].compactMap { $0 }
    }
  }
#endif
