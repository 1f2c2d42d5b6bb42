/// A cell applied to every timestep of a sequence.
///
/// Outputs, in order: the sequence `[batch, timesteps, units]` or the last output `[batch, units]`;
/// then, with `returnsState`, the last states, `[batch, units]` each, in the cell's order.
public struct Recurrent: Sendable {
  /// Which end of the sequence is read first.
  public enum Direction: String, Sendable {
    /// From the first timestep to the last.
    case forward
    /// From the last timestep to the first; outputs stay in processing order
    /// (keras/src/layers/rnn/rnn.py, `go_backwards`).
    case backward
  }

  /// What a masked timestep puts out.
  ///
  /// The state is carried over either way.
  public enum MaskedOutput: String, Sendable {
    /// The output before it again; zeros before the first timestep that counts.
    case previous
    /// Zeros (keras/src/layers/rnn/rnn.py, `zero_output_for_mask`).
    case zero
    /// The first state as it is carried over: `previous`, except that the initial state is put out
    /// before the first timestep that counts (keras 2.2.5, keras/backend/tensorflow_backend.py, `rnn`).
    case state
  }

  /// What happens at one timestep.
  public var cell: RecurrentCell
  /// Whether every timestep is put out, or only the last.
  public var returnsSequence: Bool
  /// Whether the states are put out too.
  public var returnsState: Bool
  /// Which end of the sequence is read first.
  public var direction: Direction
  /// Whether a call begins with the state the call before it ended with.
  public var isStateful: Bool
  /// Whether a stateful layer prefers the state it kept, unless that is all zeros, to a state it is
  /// given (tf_keras/src/layers/rnn/base_rnn.py, `_process_inputs`).
  public var keptStateWins: Bool
  /// What a masked timestep puts out.
  public var maskedOutput: MaskedOutput

  /// Makes a layer.
  ///
  /// No option has a default: each changes the numbers.
  public init(
    cell: RecurrentCell, returnsSequence: Bool, returnsState: Bool, direction: Direction,
    isStateful: Bool, keptStateWins: Bool, maskedOutput: MaskedOutput
  ) {
    self.cell = cell
    self.returnsSequence = returnsSequence
    self.returnsState = returnsState
    self.direction = direction
    self.isStateful = isStateful
    self.keptStateWins = keptStateWins
    self.maskedOutput = maskedOutput
  }
}

/// Two recurrent layers over the same sequence, from both ends.
///
/// The backward output is put back into the order of time before both are merged. Outputs, in order:
/// the merged output, or both if they are not merged; then, with `returnsState`, the states of
/// `forward` and those of `backward`.
public struct Bidirectional: Sendable {
  /// How the outputs of both directions become one.
  public enum MergeMode: String, Sendable {
    /// One beside the other, `[…, 2·units]`.
    case concatenate = "concat"
    /// Their sum.
    case sum
    /// Their product, element by element.
    case multiply = "mul"
    /// Their mean.
    case average = "ave"
  }

  /// The layer called first; usually the one that reads forwards.
  public var forward: Recurrent
  /// The layer that reads from the other end.
  public var backward: Recurrent
  /// How outputs are merged; nil puts out both.
  public var mergeMode: MergeMode?

  /// Makes a layer of two.
  public init(forward: Recurrent, backward: Recurrent, mergeMode: MergeMode?) {
    self.forward = forward
    self.backward = backward
    self.mergeMode = mergeMode
  }

  /// The number of outputs before the states: 1, or 2 when they are not merged.
  public var outputCount: Int { mergeMode == nil ? 2 : 1 }
  /// The width of every state, those of `forward` first.
  public var stateSizes: [Int] { forward.cell.stateSizes + backward.cell.stateSizes }
}
