package import RecurTensors

/// The computation of a recurrent layer at one timestep: the list of all kinds of cells.
///
/// The list is closed: a `switch` over it has no `default`. The struct in each case holds all that
/// the model knows of the kind.
public indirect enum RecurrentCell: Sendable {
  /// Gates i, f, g, o; states h and c.
  case lstm(LSTM)
  /// Gates z, r, h̃; state h.
  case gru(GRU)
  /// No gates; state h.
  case simpleRNN(SimpleRNN)
  /// Gates f, h̃; state h.
  case minimalGated(MinimalGatedUnit)
  /// Cells run one after the other within each timestep; the states of all cells, in order.
  case stacked(StackedCells)

  /// The struct of this case.
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

// Questions to every cell; the struct of each kind gives the answers.
extension RecurrentCell {
  /// A short name for tables: `LSTM(4)`.
  public var title: String { definition.title }
  /// The width of x.
  public var inputSize: Int { definition.inputSize }
  /// The width of the output.
  public var units: Int { definition.outputSize }
  /// The widths of the states, in order: h and c of an LSTM, h of the other cells.
  public var stateSizes: [Int] { states.map(\.size) }
  /// The states, in order: `h`, `c`; in a stack with the number of the cell in front: `1.h`.
  package var states: [CellState] { definition.states }

  /// The cells from the bottom to the top of a stack; the cell itself when it is no stack.
  public var cells: [RecurrentCell] {
    if case .stacked(let stack) = self { stack.cells.flatMap(\.cells) } else { [self] }
  }

  /// Whether any gate reads the cell c (peepholes); see ``LSTM``.
  package var hasPeepholes: Bool { definition.hasPeepholes }
  /// The number of multiplications in one timestep.
  package var productCount: Int { definition.productCount }
  /// The range of every element of h when the initial state is zero; nil when the range is unknown.
  package var outputRange: ClosedRange<Double>? { definition.outputRange }

  /// Passes every weight to a visitor, which may replace the weight.
  ///
  /// - Parameters:
  ///   - visitor: the visitor.
  ///   - suffix: the text appended to the role of each weight: `, forward,`.
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

  /// Every tensor and its role in words.
  package var tensors: [(role: String, tensor: Tensor)] {
    var (list, copy) = (ParameterList(), self)
    copy.visitParameters(&list)
    return list.entries.map { ($0.parameter.role, $0.tensor) }
  }
}

/// A visitor that appends a suffix to the role of each weight and passes the weight on.
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
