/// A long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers 2000).
///
///     i = ρ(W_i·x + U_i·h + b_i)        f = ρ(W_f·x + U_f·h + b_f)
///     g = φ(W_g·x + U_g·h + b_g)        o = ρ(W_o·x + U_o·h + b_o)
///     c ← f ⊙ c + i ⊙ g                 h ← o ⊙ φ(c)
///
/// ρ is `recurrentActivation`, φ is `activation`. Outputs, in order: the sequence
/// `[batch, timesteps, units]` or the last output `[batch, units]`; then, with `returnsState`, the
/// last h and c, `[batch, units]` each.
public struct LSTM: Sendable {
  /// Which end of the sequence is read first.
  public enum Direction: String, Sendable {
    /// From the first timestep to the last.
    case forward
    /// From the last timestep to the first; outputs stay in processing order (Keras `go_backwards`).
    case backward
  }

  /// What a masked timestep puts out.
  ///
  /// The state is carried over either way.
  public enum MaskedOutput: String, Sendable {
    /// The output before it again; zeros before the first timestep that counts.
    case previous
    /// Zeros (Keras `zero_output_for_mask`).
    case zero
  }

  /// The width of x.
  public var inputSize: Int
  /// The width of h and c.
  public var units: Int
  /// W, U and b, gate by gate.
  public var weights: RecurrentWeights<LSTMGate>
  /// φ, on the candidate and on the cell.
  public var activation: Activation
  /// ρ, on the input, forget and output gates.
  public var recurrentActivation: Activation
  /// Whether every timestep is put out, or only the last.
  public var returnsSequence: Bool
  /// Whether h and c are put out too.
  public var returnsState: Bool
  /// Which end of the sequence is read first.
  public var direction: Direction
  /// Whether a call begins with the state the call before it ended with.
  public var isStateful: Bool
  /// Whether a stateful layer prefers the state it kept, unless that is all zeros, to a state it is
  /// given (Keras 2: tf_keras/src/layers/rnn/base_rnn.py, `_process_inputs`).
  public var keptStateWins: Bool
  /// What a masked timestep puts out.
  public var maskedOutput: MaskedOutput

  /// Makes a layer.
  ///
  /// No option has a default: each changes the numbers.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<LSTMGate>, activation: Activation,
    recurrentActivation: Activation, returnsSequence: Bool, returnsState: Bool,
    direction: Direction, isStateful: Bool, keptStateWins: Bool, maskedOutput: MaskedOutput
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.returnsSequence = returnsSequence
    self.returnsState = returnsState
    self.direction = direction
    self.isStateful = isStateful
    self.keptStateWins = keptStateWins
    self.maskedOutput = maskedOutput
  }
}
