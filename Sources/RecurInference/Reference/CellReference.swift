public import RecurModel
import RecurTensors

/// A cell with its weights loaded, one timestep of one sequence at a time, in Double.
///
/// The equations are those of the cell's kind, ``LSTM`` for example. ``ModelStream`` steps whole
/// models.
public struct CellReference: Sendable {
  /// The width of x.
  public let inputSize: Int
  /// The width of every state, in order: h and c of an LSTM, h of a GRU; those of stacked cells
  /// follow each other from the bottom to the top.
  public let stateSizes: [Int]
  private let advance: CellStep<Double>

  /// Loads the weights of `cell`.
  public init(_ cell: RecurrentCell) {
    inputSize = cell.inputSize
    stateSizes = cell.stateSizes
    advance = cell.reference.stepInDouble(precision: .float64)
  }

  /// Zeros: the states before the first timestep, one array per entry of ``stateSizes``.
  public var zeroStates: [[Double]] { stateSizes.map { [Double](repeating: 0, count: $0) } }

  /// Advances `states` by one timestep.
  ///
  /// - Parameters:
  ///   - x: the input at this timestep, `[inputSize]`.
  ///   - states: one array per entry of ``stateSizes``; replaced by the next ones.
  /// - Returns: the output, `[units]`: the new h of the topmost cell.
  /// - Precondition: `x` and the states have the sizes above.
  @discardableResult
  public func step(_ x: [Double], _ states: inout [[Double]]) -> [Double] {
    precondition(x.count == inputSize, "x needs \(inputSize) elements")
    precondition(states.map(\.count) == stateSizes, "the states need \(stateSizes) elements")
    return advance(x, 1, &states, CellPosition(), nil)
  }
}
