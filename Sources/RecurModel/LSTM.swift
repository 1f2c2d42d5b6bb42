public import RecurTensors

/// A long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers 2000).
///
///     i = ρ(W_i·x + U_i·h + b_i)        f = ρ(W_f·x + U_f·h + b_f)
///     g = φ(W_g·x + U_g·h + b_g)        o = ρ(W_o·x + U_o·h + b_o)
///     c ← f ⊙ c + i ⊙ g                 h ← o ⊙ φ(c)
///
/// ρ is `recurrentActivation`, φ is `activation`. With a projection P (Sak 2014), h ← P·(o ⊙ φ(c)).
/// With peepholes p (Gers & Schmidhuber 2000) the gates see the cell: p_i ⊙ c and p_f ⊙ c, c being that
/// before this timestep, are added inside ρ for i and f, and p_o ⊙ c, with the new c, for o.
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
  /// p, or nil for none.
  public var peepholes: Peepholes?

  /// How much of its cell each gate sees.
  public struct Peepholes: Sendable {
    /// p_i: `[units]`.
    public var input: Tensor
    /// p_f: `[units]`.
    public var forget: Tensor
    /// p_o: `[units]`.
    public var output: Tensor

    /// Makes peepholes from the weights of the gates, `[units]` each.
    public init(input: Tensor, forget: Tensor, output: Tensor) {
      self.input = input
      self.forget = forget
      self.output = output
    }

    /// Every tensor with its role in words.
    var tensors: [(role: String, tensor: Tensor)] {
      [
        ("the peephole of the input gate", input), ("the peephole of the forget gate", forget),
        ("the peephole of the output gate", output),
      ]
    }
  }

  /// Makes a cell.
  ///
  /// No option has a default: each changes the numbers.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<LSTMGate>, activation: Activation,
    recurrentActivation: Activation, projection: Tensor? = nil, peepholes: Peepholes? = nil
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.projection = projection
    self.peepholes = peepholes
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

  /// What is wrong with the shapes of the peepholes of layer `name`.
  func peepholeFindings(_ name: String) -> [Diagnostic] {
    (peepholes?.tensors ?? []).filter { $0.tensor.shape != [units] }.map { role, tensor in
      Diagnostic(
        .tensorShapeMismatch, .error, "\(role) of '\(name)' has the wrong shape",
        at: tensor.location, expected: tuple([units]), found: tuple(tensor.shape))
    }
  }
}
