/// A gated recurrent unit (Cho 2014), in both forms that frameworks have.
///
///     z = ρ(W_z·x + U_z·h + b_z)        r = ρ(W_r·x + U_r·h + b_r)
///     before: h̃ = φ(W_h·x + U_h·(r ⊙ h) + b_h)
///     after:  h̃ = φ(W_h·x + b_h + r ⊙ (U_h·h + b'_h))
///     h ← z ⊙ h + (1 − z) ⊙ h̃
///
/// ρ is `recurrentActivation`, φ is `activation`, b' is the recurrent bias. With the reset gate
/// *after* the product, the two biases of the candidate can't be added up, because only b' passes
/// the gate.
public struct GRU: Sendable {
  /// The place at which the reset gate enters the recurrent product of the candidate.
  public enum ResetPlacement: String, Sendable {
    /// The gate multiplies h, before the product (keras/src/layers/rnn/gru.py, `reset_after=False`;
    /// ONNX `linear_before_reset=0`).
    case beforeProduct
    /// The gate multiplies the product (keras/src/layers/rnn/gru.py, `reset_after=True`;
    /// torch.nn.GRU; CuDNN; ONNX `linear_before_reset=1`).
    case afterProduct
  }

  /// The width of x.
  public var inputSize: Int
  /// The width of h.
  public var units: Int
  /// W, U and b, gate by gate.
  public var weights: RecurrentWeights<GRUGate>
  /// φ, applied to the candidate.
  public var activation: Activation
  /// ρ, applied to the update and reset gates.
  public var recurrentActivation: Activation
  /// The place at which the reset gate is applied.
  public var resetPlacement: ResetPlacement

  /// Makes a cell.
  ///
  /// No option has a default, because each option changes the results.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<GRUGate>, activation: Activation,
    recurrentActivation: Activation, resetPlacement: ResetPlacement
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.resetPlacement = resetPlacement
  }
}

extension GRU: GatedCellKind {
  package var asCell: RecurrentCell { .gru(self) }
  package var title: String { "GRU(\(units))" }
  package var outputSize: Int { units }
  package var states: [CellState] { [CellState(name: "h", size: units)] }
  package var hasPeepholes: Bool { false }
  package var gates: [CellGate] {
    [
      weights.gate(.update, recurrentActivation, deadEnd: .open),
      weights.gate(.reset, recurrentActivation),
    ]
  }
  package var productCount: Int { weights.productCount }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try weights.visitParameters(&visitor, inputSize: inputSize, units: units, outputSize: units)
  }

  package var outputRange: ClosedRange<Double>? {
    // h is a weighted mean of the candidates.
    recurrentActivation.range == 0...1 ? activation.rangeWithinOne : nil
  }
}
