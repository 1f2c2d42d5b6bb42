public import RecurModel
import RecurTensors

/// A GRU with loaded weights; it runs one timestep of one sequence at a time, in Double.
///
/// The equations are those of ``GRU``; use ``ModelStream`` to step a whole model.
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
  ///   - hidden: h, `[units]`; replaced by the next h.
  /// - Precondition: `x` and h have the sizes above.
  public func step(_ x: [Double], _ hidden: inout [Double]) {
    precondition(x.count == inputSize, "x needs \(inputSize) numbers")
    precondition(hidden.count == units, "h needs \(units) numbers")
    cell.step(x, &hidden)
  }
}

extension GRU: ReferenceCell {
  var observedGates: (count: Int, units: Int) { (GRUGate.allCases.count, units) }

  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar> {
    let cell = GRUCell<Scalar>(self, precision: precision)
    return { x, states, place, observe in
      cell.step(x, &states[place.state], observing: observe?.gates(of: place))
      return states[place.state]
    }
  }
}

/// The equations of ``GRU``.
struct GRUCell<Scalar: ReferenceScalar>: Sendable {
  private let weights: CellWeights<GRUGate, Scalar>
  private let activation: Activation
  private let recurrentActivation: Activation
  private let resetPlacement: GRU.ResetPlacement
  private let precision: ElementType

  init(_ gru: GRU, precision: ElementType) {
    weights = CellWeights(gru.weights, units: gru.units, precision: precision)
    activation = gru.activation
    recurrentActivation = gru.recurrentActivation
    resetPlacement = gru.resetPlacement
    self.precision = precision
  }

  /// Replaces h by the h after input `x`.
  func step(
    _ x: [Scalar], _ h: inout [Scalar], observing: ((GRUGate, [Scalar]) -> Void)? = nil
  ) {
    let z = weights.gate(.update, recurrentActivation, x, h)
    let r = weights.gate(.reset, recurrentActivation, x, h)
    let candidate: [Scalar]
    switch resetPlacement {
    case .beforeProduct:
      let seen = precision.rounding(zip(r, h).map(*))
      candidate = weights.gate(.candidate, activation, x, seen)
    case .afterProduct:
      let seen = zip(r, weights.recurrent(.candidate, h)).map(*)
      candidate = weights.applied(
        activation, zip(weights.input(.candidate, x), precision.rounding(seen)).map(+))
    }
    if let observing {
      for (gate, values) in [(GRUGate.update, z), (.reset, r), (.candidate, candidate)] {
        observing(gate, values)
      }
    }
    for unit in h.indices { h[unit] = z[unit] * h[unit] + (1 - z[unit]) * candidate[unit] }
    h = precision.rounding(h)
  }
}
