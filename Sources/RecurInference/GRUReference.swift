public import RecurModel
import RecurTensors

/// A GRU with its weights loaded, one timestep of one sequence at a time, in Double.
///
/// The equations are those of ``GRU``; ``ModelStream`` steps whole models.
public struct GRUReference: Sendable {
  /// The width of x.
  public let inputSize: Int
  /// The width of h.
  public let units: Int
  private let cell: GRUCell<Double>

  /// Loads the weights of `gru`.
  public init(_ gru: GRU) {
    inputSize = gru.inputSize
    units = gru.units
    cell = GRUCell(gru, precision: .float64)
  }

  /// Zeros: h before the first timestep, `[units]`.
  public var zeroState: [Double] { [Double](repeating: 0, count: units) }

  /// Advances `hidden` by one timestep.
  ///
  /// - Parameters:
  ///   - x: the input at this timestep, `[inputSize]`.
  ///   - hidden: h, `[units]`; replaced by the next one.
  /// - Precondition: `x` and h have the sizes above.
  public func step(_ x: [Double], _ hidden: inout [Double]) {
    precondition(x.count == inputSize, "x needs \(inputSize) numbers")
    precondition(hidden.count == units, "h needs \(units) numbers")
    cell.step(x, &hidden)
  }
}

/// A SimpleRNN with its weights loaded, one timestep of one sequence at a time, in Double.
///
/// The equation is that of ``SimpleRNN``; ``ModelStream`` steps whole models.
public struct SimpleRNNReference: Sendable {
  /// The width of x.
  public let inputSize: Int
  /// The width of h.
  public let units: Int
  private let cell: SimpleRNNCell<Double>

  /// Loads the weights of `rnn`.
  public init(_ rnn: SimpleRNN) {
    inputSize = rnn.inputSize
    units = rnn.units
    cell = SimpleRNNCell(rnn, precision: .float64)
  }

  /// Zeros: h before the first timestep, `[units]`.
  public var zeroState: [Double] { [Double](repeating: 0, count: units) }

  /// Advances `hidden` by one timestep.
  ///
  /// - Parameters:
  ///   - x: the input at this timestep, `[inputSize]`.
  ///   - hidden: h, `[units]`; replaced by the next one.
  /// - Precondition: `x` and h have the sizes above.
  public func step(_ x: [Double], _ hidden: inout [Double]) {
    precondition(x.count == inputSize, "x needs \(inputSize) numbers")
    precondition(hidden.count == units, "h needs \(units) numbers")
    cell.step(x, &hidden)
  }
}
