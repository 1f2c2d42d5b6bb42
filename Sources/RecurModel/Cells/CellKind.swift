/// What the model knows of one kind of recurrent cell: the room of the kind.
package protocol CellKind: Sendable {
  /// This cell as a case of the list of all kinds.
  var asCell: RecurrentCell { get }
  /// A short name for tables: `LSTM(4)`.
  var title: String { get }
  /// The width of x.
  var inputSize: Int { get }
  /// The width of the output.
  var outputSize: Int { get }
  /// What is carried from timestep to timestep, in order; the output is the first of it.
  var states: [CellState] { get }
  /// Whether any gate sees the cell; see ``LSTM``.
  var hasPeepholes: Bool { get }
  /// The functions of the cell; nil for a stack, whose cells have their own.
  ///
  /// A setter is given an activation of the gates where the getter gave one.
  var functions: CellFunctions? { get set }
  /// The gates, in the order of the `RecurrentGate`; empty for a cell without, and for a stack.
  var gates: [CellGate] { get }
  /// The multiplications of one timestep: the elements of its matrices.
  var productCount: Int { get }
  /// Where every element of h lies when the first state is zero; nil when that is not known.
  var outputRange: ClosedRange<Double>? { get }

  /// Shows every weight to a visitor, which may replace it; always in the same order.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure)
}

/// A kind of cell whose gates have a function of their own.
package protocol GatedCellKind: CellKind {
  /// φ, on the candidate and the cell.
  var activation: Activation { get set }
  /// ρ, on the gates.
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
