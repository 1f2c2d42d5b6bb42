#if CommandLine
  import Recur
  import RecurInference
  import RecurTensors

  /// Sequences of different lengths that nothing says how to join, and what can be done.
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
      var fixes = [Diagnostic.Fix(.recur, command.text("--pad post -o y.npz"))]
      let alone = command.inputs.first.map { $0.hasSuffix(".npz") ? "SEQUENCE.npy" : $0 } ?? ""
      if model.framework != .pytorch { fixes.append(.init(.keras, keras)) }
      if model.framework != .keras {
        fixes.append(
          .init(
            .pytorch,
            "x = nn.utils.rnn.pack_padded_sequence(nn.utils.rnn.pad_sequence(sequences, "
              + "batch_first=True), lengths, batch_first=True, enforce_sorted=False)"))
      }
      fixes.append(
        .init(
          .recur,
          command.text(
            "--pad post --no-mask -o y.npz   # if it was trained on padded sequences without a mask"
          )))
      fixes.append(
        .init(.recur, "--input \(alone)   # one sequence at a time"))
      return CheckpointError(
        .inputRagged, "sequences in one batch must have one length",
        at: tensors.first?.location.inMemory ?? .init(),
        expected: "equal numbers of timesteps",
        found: shown.joined(separator: "   ") + (tensors.count > 6 ? "   …" : ""),
        reason: "an array has rows of one length (NumPy: inhomogeneous shape); the sequences have "
          + "from \(lengths.min() ?? 0) to \(lengths.max() ?? 0) timesteps", fixes: fixes)
    }

    /// Keras' code: models that make their own mask are called without one.
    private var keras: String {
      let type = tensors.allSatisfy { $0.elementType.isFloatingPoint } ? "float32" : "int32"
      let value = model.requiredInputs.first.flatMap(model.maskedValue)
      let padded =
        "x = keras.utils.pad_sequences(sequences, dtype='\(type)', padding='post'"
        + (value.map { $0 == 0 ? "" : ", value=\($0)" } ?? "") + ")"
      return padded
        + (value == nil
          ? "; model(x, mask=np.arange(x.shape[1]) < np.array(lengths)[:, None])" : "; model(x)")
    }
  }

  extension Diagnostic.Code {
    static let inputRagged = Self(rawValue: "input.ragged")
  }
#endif
