/// A recurrent cell without gates (Elman 1990).
///
///     h ← φ(W·x + U·h + b)
public struct SimpleRNN: Sendable {
  /// The width of x.
  public var inputSize: Int
  /// The width of h.
  public var units: Int
  /// W, U and b.
  public var weights: RecurrentWeights<SimpleRNNGate>
  /// φ.
  public var activation: Activation

  /// Makes a cell.
  public init(
    inputSize: Int, units: Int, weights: RecurrentWeights<SimpleRNNGate>, activation: Activation
  ) {
    self.inputSize = inputSize
    self.units = units
    self.weights = weights
    self.activation = activation
  }
}

extension SimpleRNN: CellKind {
  package var asCell: RecurrentCell { .simpleRNN(self) }
  package var title: String { "RNN(\(units))" }
  package var outputSize: Int { units }
  package var states: [CellState] { [CellState(name: "h", size: units)] }
  package var hasPeepholes: Bool { false }
  package var functions: CellFunctions? {
    get { CellFunctions(activation: activation, recurrent: nil) }
    set { activation = newValue?.activation ?? activation }
  }
  package var gates: [CellGate] { [] }
  package var productCount: Int { weights.productCount }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try weights.visitParameters(&visitor, inputSize: inputSize, units: units, outputSize: units)
  }

  package var outputRange: ClosedRange<Double>? { activation.rangeWithinOne }
}
