#if CommandLine
  import ArgumentParser
  import Recur
  import RecurModel
  import RecurTensors

  /// A type that weights may be stored in, as `--dtype` names it.
  enum StoredType: String, ExpressibleByArgument, CaseIterable {
    case float16, bfloat16, float32, float64

    /// The type in the form of the library.
    var elementType: ElementType {
      switch self {
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .float32: .float32
      case .float64: .float64
      }
    }

    /// Findings about storing the weights of `model` in this type, and about how far outputs would
    /// move.
    func findings(_ model: Model) throws(CheckpointError) -> [Diagnostic] {
      let narrowing = try model.narrowed(to: elementType)
      return narrowing.findings + narrowing.effect(on: model)
    }
  }
#endif
