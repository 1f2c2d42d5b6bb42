import RecurModel
import RecurTensors

extension GRU: ReferenceCell {
  var observedGates: (count: Int, units: Int) { (GRUGate.allCases.count, units) }

  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar> {
    let cell = GRUCell<Scalar>(self, precision: precision)
    return { x, rows, states, place, observe in
      cell.step(x, rows: rows, &states[place.state], observing: observe?.gates(of: place))
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

  /// Replaces h of every row by the h after input `x`.
  func step(
    _ x: [Scalar], rows: Int, _ h: inout [Scalar], observing: ((GRUGate, [Scalar]) -> Void)? = nil
  ) {
    let z = weights.gate(.update, recurrentActivation, x, h, rows: rows)
    let r = weights.gate(.reset, recurrentActivation, x, h, rows: rows)
    let candidate: [Scalar]
    switch resetPlacement {
    case .beforeProduct:
      let seen = precision.rounding(zip(r, h).map(*))
      candidate = weights.gate(.candidate, activation, x, seen, rows: rows)
    case .afterProduct:
      let seen = zip(r, weights.recurrent(.candidate, h, rows: rows)).map(*)
      candidate = weights.applied(
        activation, zip(weights.input(.candidate, x, rows: rows), precision.rounding(seen)).map(+),
        rows: rows)
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
