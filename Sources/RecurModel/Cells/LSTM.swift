public import RecurTensors

/// A long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers 2000).
///
///     i = ρ(W_i·x + U_i·h + b_i)        f = ρ(W_f·x + U_f·h + b_f)
///     g = φ(W_g·x + U_g·h + b_g)        o = ρ(W_o·x + U_o·h + b_o)
///     c ← f ⊙ c + i ⊙ g                 h ← o ⊙ φ(c)
///
/// ρ is `recurrentActivation`, φ is `activation`. With a projection P (Sak 2014), h ← P·(o ⊙ φ(c)).
/// With peepholes p (Gers & Schmidhuber 2000) the gates also read the cell: i and f add p_i ⊙ c and
/// p_f ⊙ c inside ρ, with the c before this timestep; o adds p_o ⊙ c, with the new c. With limits, the
/// new c and the projected h are brought within ±limit, before anything reads them
/// (tensorflow/python/ops/rnn_cell_impl.py, `cell_clip`, `proj_clip`).
public struct LSTM: Sendable {
  /// The width of x.
  public var inputSize: Int
  /// The width of c, and of h unless there is a projection.
  public var units: Int
  /// W, U and b, gate by gate; the column count of U is the width of h.
  public var weights: RecurrentWeights<LSTMGate>
  /// φ, applied to the candidate and to the cell.
  public var activation: Activation
  /// ρ, applied to the input, forget and output gates.
  public var recurrentActivation: Activation
  /// P: `[projected, units]`, or nil without a projection.
  public var projection: Tensor?
  /// p, or nil without peepholes.
  public var peepholes: Peepholes?
  /// The function applied to the cell where it is not φ; nil for φ.
  public var outputActivation: Activation?

  /// What c is kept within, ±cellLimit; nil for no limit.
  public var cellLimit: Double?
  /// What the projected h is kept within; nil for no limit.
  public var projectionLimit: Double?

  /// The peephole weights, with which the gates read the cell.
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
  }

  /// Makes a cell.
  ///
  /// No option has a default, because each option changes the results.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<LSTMGate>, activation: Activation,
    recurrentActivation: Activation, projection: Tensor? = nil, peepholes: Peepholes? = nil,
    outputActivation: Activation? = nil
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.projection = projection
    self.peepholes = peepholes
    self.outputActivation = outputActivation
  }

  /// The width of h.
  public var outputSize: Int { projection?.shape.first ?? units }
}

extension LSTM: GatedCellKind {
  package var asCell: RecurrentCell { .lstm(self) }
  package var title: String {
    projection == nil ? "LSTM(\(units))" : "LSTM(\(units)→\(outputSize))"
  }
  package var states: [CellState] {
    [CellState(name: "h", size: outputSize), CellState(name: "c", size: units)]
  }
  package var hasPeepholes: Bool { peepholes != nil }
  /// Whether c or the projected h is kept within a limit.
  package var isLimited: Bool { cellLimit != nil || projectionLimit != nil }
  package var gates: [CellGate] {
    [
      weights.gate(.input, recurrentActivation, deadEnd: .closed),
      weights.gate(.forget, recurrentActivation),
      weights.gate(.output, recurrentActivation, deadEnd: .closed),
    ]
  }
  package var productCount: Int { weights.productCount + (projection?.count ?? 0) }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try weights.visitParameters(
      &visitor, inputSize: inputSize, units: units, outputSize: outputSize)
    try visitor.visit(&projection, Parameter("the projection", .axes(["projected", "\(units)"])))
    guard var peepholes else { return }
    func parameter(_ gate: String) -> Parameter {
      Parameter("the peephole of the \(gate) gate", .exactly([units]))
    }
    try visitor.visit(&peepholes.input, parameter("input"))
    try visitor.visit(&peepholes.forget, parameter("forget"))
    try visitor.visit(&peepholes.output, parameter("output"))
    self.peepholes = peepholes
  }

  package var outputRange: ClosedRange<Double>? {
    // |h| is at most |φ(c)|.
    guard projection == nil, !isLimited, recurrentActivation.range == 0...1 else { return nil }
    return (outputActivation ?? activation).rangeWithinOne
  }
}
