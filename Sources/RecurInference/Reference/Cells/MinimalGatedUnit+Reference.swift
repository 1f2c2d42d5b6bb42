import RecurModel
import RecurTensors

extension MinimalGatedUnit: ReferenceCell {
  var observedGates: (count: Int, units: Int) { (MinimalGate.allCases.count, units) }

  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar> {
    let weights = CellWeights<MinimalGate, Scalar>(
      self.weights, units: units, precision: precision)
    let (activation, recurrentActivation) = (activation, recurrentActivation)
    let resetPlacement = resetPlacement
    return { x, rows, states, place, observe in
      let h = states[place.state]
      let f = weights.gate(.forget, recurrentActivation, x, h, rows: rows)
      let candidate: [Scalar]
      switch resetPlacement {
      case .beforeProduct:
        let seen = precision.rounding(zip(f, h).map(*))
        candidate = weights.gate(.candidate, activation, x, seen, rows: rows)
      case .afterProduct:
        let seen = zip(f, weights.recurrent(.candidate, h, rows: rows)).map(*)
        candidate = weights.applied(
          activation,
          zip(weights.input(.candidate, x, rows: rows), precision.rounding(seen)).map(+), rows: rows
        )
      }
      if let observe {
        let see: (MinimalGate, [Scalar]) -> Void = observe.gates(of: place)
        see(.forget, f)
        see(.candidate, candidate)
      }
      let next = h.indices.map { f[$0] * h[$0] + (1 - f[$0]) * candidate[$0] }
      states[place.state] = precision.rounding(next)
      return states[place.state]
    }
  }
}
