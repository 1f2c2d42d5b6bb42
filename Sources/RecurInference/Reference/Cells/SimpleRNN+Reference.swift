public import RecurModel
import RecurTensors

/// A SimpleRNN with loaded weights; it runs one timestep of one sequence at a time, in Double.
///
/// The equation is that of ``SimpleRNN``; use ``ModelStream`` to step a whole model.
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
  ///   - hidden: h, `[units]`; replaced by the next h.
  /// - Precondition: `x` and h have the sizes above.
  public func step(_ x: [Double], _ hidden: inout [Double]) {
    precondition(x.count == inputSize, "x needs \(inputSize) numbers")
    precondition(hidden.count == units, "h needs \(units) numbers")
    cell.step(x, &hidden)
  }
}

extension SimpleRNN: ReferenceCell {
  var observedGates: (count: Int, units: Int) { (0, 0) }

  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar> {
    let cell = SimpleRNNCell<Scalar>(self, precision: precision)
    return { x, states, place, _ in
      cell.step(x, &states[place.state])
      return states[place.state]
    }
  }
}

/// The equation of ``SimpleRNN``.
struct SimpleRNNCell<Scalar: ReferenceScalar>: Sendable {
  private let weights: CellWeights<SimpleRNNGate, Scalar>
  private let activation: Activation

  init(_ rnn: SimpleRNN, precision: ElementType) {
    weights = CellWeights(rnn.weights, units: rnn.units, precision: precision)
    activation = rnn.activation
  }

  /// Replaces h by the h after input `x`.
  func step(_ x: [Scalar], _ h: inout [Scalar]) { h = weights.gate(.hidden, activation, x, h) }
}
