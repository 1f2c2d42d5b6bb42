/// Cells that run one after the other within each timestep; the state consists of all cells'
/// states, in order.
public struct StackedCells: Sendable {
  /// The cells from the bottom to the top; each cell's output is as wide as the next cell's input.
  public var cells: [RecurrentCell]

  /// Makes a stack.
  public init(_ cells: [RecurrentCell]) { self.cells = cells }
}

extension StackedCells: CellKind {
  package var asCell: RecurrentCell { .stacked(self) }
  package var title: String { cells.map(\.title).joined(separator: "+") }
  package var inputSize: Int { cells.first?.inputSize ?? 0 }
  package var outputSize: Int { cells.last?.units ?? 0 }
  package var states: [CellState] {
    cells.enumerated().flatMap { index, cell in
      cell.states.map { CellState(name: "\(index).\($0.name)", size: $0.size) }
    }
  }
  package var hasPeepholes: Bool { cells.contains(where: \.hasPeepholes) }
  package var functions: CellFunctions? {
    get { nil }
    set {}
  }
  package var gates: [CellGate] { [] }
  package var productCount: Int { cells.reduce(0) { $0 + $1.productCount } }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    for index in cells.indices {
      try cells[index].visitParameters(&visitor, suffix: " in cell \(index)")
    }
  }

  package var outputRange: ClosedRange<Double>? { cells.last?.outputRange }
}
