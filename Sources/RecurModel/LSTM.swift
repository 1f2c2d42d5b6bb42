public import RecurTensors

/// A long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers 2000).
///
///     i = ρ(W_i·x + U_i·h + b_i)        f = ρ(W_f·x + U_f·h + b_f)
///     g = φ(W_g·x + U_g·h + b_g)        o = ρ(W_o·x + U_o·h + b_o)
///     c ← f ⊙ c + i ⊙ g                 h ← o ⊙ φ(c)
///
/// ρ is `recurrentActivation`, φ is `activation`. With a projection P (Sak 2014), h ← P·(o ⊙ φ(c)).
public struct LSTM: Sendable {
  /// The width of x.
  public var inputSize: Int
  /// The width of c, and of h unless there is a projection.
  public var units: Int
  /// W, U and b, gate by gate; U has a column per element of h.
  public var weights: RecurrentWeights<LSTMGate>
  /// φ, on the candidate and on the cell.
  public var activation: Activation
  /// ρ, on the input, forget and output gates.
  public var recurrentActivation: Activation
  /// P: `[projected, units]`, or nil for none.
  public var projection: Tensor?

  /// Makes a cell.
  ///
  /// No option has a default: each changes the numbers.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<LSTMGate>, activation: Activation,
    recurrentActivation: Activation, projection: Tensor? = nil
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.projection = projection
  }

  /// The width of h.
  public var outputSize: Int { projection?.shape.first ?? units }
}

extension LSTM {
  /// What is wrong with the shape of the projection of layer `name`.
  func projectionFindings(_ name: String) -> [Diagnostic] {
    guard let projection, projection.rank != 2 || projection.shape[1] != units else { return [] }
    return [
      Diagnostic(
        .tensorShapeMismatch, .error, "the projection of '\(name)' has the wrong shape",
        at: projection.location, expected: "(projected, \(units))",
        found: tuple(projection.shape))
    ]
  }
}
