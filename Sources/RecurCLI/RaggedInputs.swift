#if CommandLine
  import Recur
  import RecurInference
  import RecurTensors

  /// Sequences of different lengths that nothing says how to join, and what can be done.
  struct RaggedInputs {
    /// The command as the user gave it.
    struct Command {
      let model: String
      let inputs: [String]

      /// The command with more options.
      func text(_ options: String) -> String {
        let shown = inputs.prefix(3).map { "--input \($0)" }.joined(separator: " ")
        return "recur run \(model) \(shown)\(inputs.count > 3 ? " …" : "") \(options)"
      }
    }

    private let model: Model
    private let command: Command
    private let tensors: [Tensor]
    private let lengths: [Int]

    init(_ model: Model, _ command: Command, _ tensors: [Tensor], _ sequences: [Tensor]) {
      self.model = model
      self.command = command
      self.tensors = tensors
      lengths = sequences.map { $0.shape[0] }
    }

    var error: CheckpointError {
      let shown = tensors.prefix(6).enumerated().map { "#\($0.offset) \(shapeText($0.element.shape))" }
      var fixes = [Diagnostic.Fix(.recur, command.text("--pad post -o y.npz"))]
      let alone = command.inputs.first.map { $0.hasSuffix(".npz") ? "SEQUENCE.npy" : $0 } ?? ""
      if model.framework != .pytorch {
        fixes.append(
          .init(
            .keras,
            "x = keras.utils.pad_sequences(sequences, dtype='float32', padding='post'); "
              + "model(x, mask=np.arange(x.shape[1]) < np.array(lengths)[:, None])"))
      }
      if model.framework != .keras {
        fixes.append(
          .init(
            .pytorch,
            "x = nn.utils.rnn.pack_padded_sequence(nn.utils.rnn.pad_sequence(sequences, "
              + "batch_first=True), lengths, batch_first=True, enforce_sorted=False)"))
      }
      fixes.append(
        .init(.recur, "recur run \(command.model) --input \(alone)   # one sequence at a time"))
      return CheckpointError(
        .inputRagged, "sequences in one batch must have one length",
        at: tensors.first?.location.inMemory ?? .init(),
        expected: "equal numbers of timesteps",
        found: shown.joined(separator: "   ") + (tensors.count > 6 ? "   …" : ""),
        reason: "an array has rows of one length (NumPy: inhomogeneous shape); the sequences have "
          + "from \(lengths.min() ?? 0) to \(lengths.max() ?? 0) timesteps", fixes: fixes)
    }
  }

  extension Diagnostic.Code {
    static let inputRagged = Self(rawValue: "input.ragged")
  }
#endif
