#if CommandLine
  import ArgumentParser
  import RecurInference

  /// A type in which the engine holds weights, as `--weights` names it.
  enum HeldType: String, ExpressibleByArgument, CaseIterable {
    case float32, float16, bfloat16, int8

    /// The type in the form of the library.
    var weightType: WeightType {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .int8: .int8
      }
    }
  }

  /// The type in which the fast engine holds weights, and the layers that are left out.
  struct WeightOptions: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        """
        The type in which the fast engine holds the weights of recurrent and dense layers and \
        embeddings: float32, float16, bfloat16, int8. Everything is computed in float32.
        """, valueName: "type"))
    var weights: HeldType?

    @Option(
      name: .customLong("keep-float32"), parsing: .singleValue,
      help: ArgumentHelp(
        "A layer whose weights --weights leaves in float32; may be given several times.",
        valueName: "layer"))
    var kept: [String] = []

    /// What was chosen, as text for digests.
    var words: String { "\(weights?.rawValue ?? "") \(kept.joined(separator: ","))" }

    func validate() throws {
      guard weights != nil || kept.isEmpty else {
        throw ValidationError("--keep-float32 excepts layers from --weights: add --weights")
      }
    }

    /// Refuses the reference, which computes with the weights as the file has them.
    func validate(beside engine: EngineOptions) throws {
      guard weights == nil || engine.engine != .reference else {
        throw ValidationError(
          "--weights says how the fast engine holds weights; leave out --engine reference")
      }
    }
  }
#endif
