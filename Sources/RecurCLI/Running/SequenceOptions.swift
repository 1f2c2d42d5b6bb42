#if CommandLine
  import ArgumentParser
  import Recur
  import RecurTensors

  /// The options about sequences of different lengths.
  struct SequenceOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "How many timesteps of each sequence count: 10,4.", valueName: "numbers"))
    var lengths: SequenceLengths?

    @Option(help: "Where sequences that are too short are padded: pre or post.")
    var pad: PaddedEnd?

    @Option(
      help: ArgumentHelp(
        "What padding holds; by default what the model's own mask leaves out, or 0.",
        valueName: "number"))
    var padValue: Double?

    @Option(
      help: ArgumentHelp(
        "The timesteps to pad to; by default those of the longest sequence.", valueName: "number"))
    var maxlen: Int?

    @Option(help: "Where sequences longer than --maxlen are cut: pre or post.")
    var truncate: PaddedEnd?

    @Flag(
      help: "Run the padded batch as it is, every timestep counting: for models trained that way.")
    var noMask = false

    @Flag(help: "Write each sequence's own outputs too: out_0_0, out_0_1, …, without padding.")
    var unpad = false

    mutating func validate() throws {
      if let maxlen, maxlen < 1 { throw ValidationError("--maxlen must be at least 1") }
      if truncate != nil, maxlen == nil {
        throw ValidationError("--truncate cuts sequences that are longer than --maxlen: give both")
      }
      if pad == nil, lengths == nil,
        let needless = padValue != nil ? "--pad-value" : maxlen != nil ? "--maxlen" : nil
      {
        throw ValidationError(
          "\(needless) is for sequences that --pad makes one batch of: add --pad")
      }
      if noMask, unpad {
        throw ValidationError("--unpad takes padding off, and with --no-mask padding counts")
      }
      if noMask, pad == nil {
        throw ValidationError("--no-mask is for sequences that --pad makes one batch of")
      }
      if let padValue, !padValue.isFinite {
        throw ValidationError("--pad-value must be a finite number")
      }
    }

    /// The options as words of a command line, for commands in fixes.
    var words: [String] {
      let numbers = lengths.map { $0.numbers.map(String.init).joined(separator: ",") }
      return [
        numbers.map { "--lengths \($0)" }, pad.map { "--pad \($0.rawValue)" },
        padValue.map { "--pad-value \($0)" }, maxlen.map { "--maxlen \($0)" },
        truncate.map { "--truncate \($0.rawValue)" }, noMask ? "--no-mask" : nil,
        unpad ? "--unpad" : nil,
      ].compactMap { $0 }
    }

    /// Whether any option says that the inputs are sequences for one input.
    var areGiven: Bool {
      lengths != nil || pad != nil || padValue != nil || maxlen != nil || unpad
    }
  }

  /// An end of a sequence, in the words of Keras.
  enum PaddedEnd: String, ExpressibleByArgument, CaseIterable {
    case pre, post

    var side: SequencePadding.Side { self == .pre ? .start : .end }
  }

  /// Whole numbers on the command line, separated by commas.
  struct SequenceLengths: ExpressibleByArgument {
    let numbers: [Int]

    init?(argument: String) {
      let words = argument.split(separator: ",", omittingEmptySubsequences: false)
      numbers = words.compactMap { Int($0) }
      guard numbers.count == words.count, !numbers.isEmpty else { return nil }
    }
  }

  /// The options about states before and after a run, and about reading in pieces.
  struct StreamOptions: ParsableArguments {
    @Flag(help: "Every recurrent layer begins where the input before it ended.")
    var stateful = false

    @Option(
      help: ArgumentHelp(
        "Read so many timesteps at a time; the outputs are those of the whole.",
        valueName: "timesteps"))
    var chunk: Int?

    @Option(
      help: ArgumentHelp(
        "The state to begin with: an .npz with LAYER.h and LAYER.c, or h_0 and c_0; or zeros.",
        valueName: "file"), completion: .file())
    var state: String?

    @Option(
      help: ArgumentHelp("The file for the state that is left, .npz.", valueName: "file"),
      completion: .file())
    var saveState: String?

    mutating func validate() throws {
      if let chunk, chunk < 1 { throw ValidationError("--chunk must be at least 1") }
    }

    /// The options as words of a command line, for commands in fixes.
    var words: [String] {
      [
        stateful ? "--stateful" : nil, chunk.map { "--chunk \($0)" },
        state.map { "--state \($0)" }, saveState.map { "--save-state \($0)" },
      ].compactMap { $0 }
    }

    /// Whether the model reads its input piece by piece.
    var isStream: Bool { stateful || chunk != nil }
    /// Whether a state is read before the run or written after it.
    var needsState: Bool { state != nil || saveState != nil }
  }
#endif
