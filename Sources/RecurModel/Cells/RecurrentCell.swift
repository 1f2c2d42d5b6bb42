package import RecurTensors

/// What a recurrent layer does at one timestep: the list of all kinds of cells.
///
/// The list is closed: a `switch` over it has no `default`. All that the model knows of a kind is in the
/// file of the struct that the case holds.
public indirect enum RecurrentCell: Sendable {
  /// i, f, g, o; its state is h and c.
  case lstm(LSTM)
  /// z, r, h̃; its state is h.
  case gru(GRU)
  /// No gates; its state is h.
  case simpleRNN(SimpleRNN)
  /// f, h̃; its state is h.
  case minimalGated(MinimalGatedUnit)
  /// Cells one on top of the other within each timestep; its state is all of theirs, in order.
  case stacked(StackedCells)

  /// What the model knows of the cell.
  package var definition: any CellKind {
    switch self {
    case .lstm(let cell): cell
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated(let cell): cell
    case .stacked(let cell): cell
    }
  }
}

// What is asked of every cell; the answers stand in the room of its kind.
extension RecurrentCell {
  /// A short name for tables: `LSTM(4)`.
  public var title: String { definition.title }
  /// The width of x.
  public var inputSize: Int { definition.inputSize }
  /// The width of the output.
  public var units: Int { definition.outputSize }
  /// The width of every state, in order: h and c of an LSTM, h of the others.
  public var stateSizes: [Int] { states.map(\.size) }
  /// The states, in order: `h`, `c`; with the number of the cell before it in a stack: `1.h`.
  package var states: [CellState] { definition.states }

  /// The cells from the bottom to the top; one unless it is stacked.
  public var cells: [RecurrentCell] {
    if case .stacked(let stack) = self { stack.cells.flatMap(\.cells) } else { [self] }
  }

  /// Whether any gate sees the cell; see ``LSTM``.
  package var hasPeepholes: Bool { definition.hasPeepholes }
  /// The multiplications of one timestep.
  package var productCount: Int { definition.productCount }
  /// Where every element of h lies when the first state is zero; nil when that is not known.
  package var outputRange: ClosedRange<Double>? { definition.outputRange }

  /// Shows every weight to a visitor, which may replace it.
  ///
  /// - Parameters:
  ///   - visitor: the visitor.
  ///   - suffix: what is said of the weights besides their role: `, forward,`.
  /// - Throws: what the visitor throws.
  mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor, suffix: String = ""
  ) throws(Visitor.Failure) {
    var cell = definition
    if suffix.isEmpty {
      try cell.visitParameters(&visitor)
    } else {
      var wrapped = SuffixedRoles(visitor: visitor, suffix: suffix)
      defer { visitor = wrapped.visitor }
      try cell.visitParameters(&wrapped)
    }
    self = cell.asCell
  }

  /// Every tensor with its role in words.
  package var tensors: [(role: String, tensor: Tensor)] {
    var (list, copy) = (ParameterList(), self)
    copy.visitParameters(&list)
    return list.entries.map { ($0.parameter.role, $0.tensor) }
  }
}

/// Tells a visitor where a weight belongs, behind its role.
private struct SuffixedRoles<Visitor: ParameterVisitor>: ParameterVisitor {
  var visitor: Visitor
  let suffix: String

  mutating func visit(
    _ tensor: inout Tensor, _ parameter: Parameter
  ) throws(Visitor.Failure) {
    var own = parameter
    own.role += suffix
    try visitor.visit(&tensor, own)
  }

  mutating func visitAbsent(_ parameter: Parameter) {
    var own = parameter
    own.role += suffix
    visitor.visitAbsent(own)
  }
}
