/// All that the model knows of one kind of recurrent cell.
package protocol CellKind: Sendable {
  /// This cell as a case of ``RecurrentCell``, the list of all kinds.
  var asCell: RecurrentCell { get }
  /// A short name for tables: `LSTM(4)`.
  var title: String { get }
  /// The width of x.
  var inputSize: Int { get }
  /// The width of the output.
  var outputSize: Int { get }
  /// The states carried from timestep to timestep, in order; the first state is the output.
  var states: [CellState] { get }
  /// Whether any gate reads the cell c (peepholes); see ``LSTM``.
  var hasPeepholes: Bool { get }
  /// The activation functions of the cell; nil for a stack, whose cells have their own functions.
  ///
  /// The setter expects a gate activation exactly when the getter returns one.
  var functions: CellFunctions? { get set }
  /// The gates, in the order of the `RecurrentGate`; empty for a cell without gates and for a
  /// stack.
  var gates: [CellGate] { get }
  /// The number of multiplications in one timestep, which is the element count of all matrices.
  var productCount: Int { get }
  /// The range of every element of h when the initial state is zero; nil when the range is unknown.
  var outputRange: ClosedRange<Double>? { get }

  /// Passes every weight to a visitor, which may replace the weight; the order never changes.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure)
}

/// A kind of cell whose gates have their own activation function.
package protocol GatedCellKind: CellKind {
  /// φ, applied to the candidate and the cell.
  var activation: Activation { get set }
  /// ρ, applied to the gates.
  var recurrentActivation: Activation { get set }
}

extension GatedCellKind {
  package var functions: CellFunctions? {
    get { CellFunctions(activation: activation, recurrent: recurrentActivation) }
    set {
      activation = newValue?.activation ?? activation
      recurrentActivation = newValue?.recurrent ?? recurrentActivation
    }
  }
}
