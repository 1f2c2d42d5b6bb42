/// A long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers 2000).
///
///     i = ρ(W_i·x + U_i·h + b_i)        f = ρ(W_f·x + U_f·h + b_f)
///     g = φ(W_g·x + U_g·h + b_g)        o = ρ(W_o·x + U_o·h + b_o)
///     c ← f ⊙ c + i ⊙ g                 h ← o ⊙ φ(c)
///
/// ρ is `recurrentActivation`, φ is `activation`.
public struct LSTM: Sendable {
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

  /// Makes a cell.
  ///
  /// No option has a default: each changes the numbers.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<LSTMGate>, activation: Activation,
    recurrentActivation: Activation
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
    self.recurrentActivation = recurrentActivation
  }
}
