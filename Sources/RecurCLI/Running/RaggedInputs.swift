#if CommandLine
  import Recur
  import RecurInference
  import RecurTensors

  /// The error for sequences of different lengths without an option that says how to join them.
  struct RaggedInputs {
    private let model: Model
    private let command: RunCommandLine
    private let tensors: [Tensor]
    private let lengths: [Int]

    init(_ model: Model, _ command: RunCommandLine, _ tensors: [Tensor], _ sequences: [Tensor]) {
      self.model = model
      self.command = command
      self.tensors = tensors
      lengths = sequences.map { $0.shape[0] }
    }

    var error: CheckpointError {
      let shown = tensors.prefix(6).enumerated().map {
        "#\($0.offset) \(shapeText($0.element.shape))"
      }
      let masked = model.requiredInputs.first.flatMap(model.maskedValue)
      let alone = command.inputs.first.map { $0.hasSuffix(".npz") ? "SEQUENCE.npy" : $0 } ?? ""
      let remedies: [Diagnostic.Remedy] = [
        .joinSequences(
          masked: masked, isFloat: tensors.allSatisfy { $0.elementType.isFloatingPoint }),
        .code(
          .init(
            .recur,
            command.text(
              "--pad post --no-mask -o y.npz   # if it was trained on padded sequences without a "
                + "mask"))),
        .code(.init(.recur, command.completed("--input \(alone)   # one sequence at a time"))),
      ]
      return CheckpointError(
        .inputRagged, "sequences in one batch must have one length",
        at: tensors.first?.location.inMemory ?? .init(),
        expected: "equal numbers of timesteps",
        found: shown.joined(separator: "   ") + (tensors.count > 6 ? "   …" : ""),
        reason: "an array has rows of one length (NumPy: inhomogeneous shape); the sequences have "
          + "from \(lengths.min() ?? 0) to \(lengths.max() ?? 0) timesteps", remedies: remedies)
    }
  }

  extension Diagnostic.Code {
    static let inputRagged = Self(rawValue: "input.ragged")
  }
#endif
