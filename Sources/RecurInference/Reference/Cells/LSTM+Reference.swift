import RecurModel
import RecurTensors

extension LSTM: ReferenceCell {
  var observedGates: (count: Int, units: Int) { (LSTMGate.allCases.count, units) }

  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar> {
    let cell = LSTMCell<Scalar>(self, precision: precision)
    return { x, rows, states, place, observe in
      var (h, c) = (states[place.state], states[place.state + 1])
      cell.step(x, rows: rows, &h, &c, observing: observe?.gates(of: place))
      (states[place.state], states[place.state + 1]) = (h, c)
      return h
    }
  }
}

/// The equations of ``LSTM``.
struct LSTMCell<Scalar: ReferenceScalar>: Sendable {
  private let weights: CellWeights<LSTMGate, Scalar>
  private let activation: Activation
  private let recurrentActivation: Activation
  private let outputActivation: Activation
  private let projection: [Scalar]?
  private let peepholes: (input: [Scalar], forget: [Scalar], output: [Scalar])?
  private let limits: (cell: Scalar?, projection: Scalar?)
  private let precision: ElementType

  init(_ lstm: LSTM, precision: ElementType) {
    weights = CellWeights(lstm.weights, units: lstm.units, precision: precision)
    activation = lstm.activation
    recurrentActivation = lstm.recurrentActivation
    outputActivation = lstm.outputActivation ?? lstm.activation
    func load(_ tensor: Tensor) -> [Scalar] { precision.rounding(Values<Scalar>(tensor).elements) }
    projection = lstm.projection.map(load)
    peepholes = lstm.peepholes.map { (load($0.input), load($0.forget), load($0.output)) }
    limits = (lstm.cellLimit.map { Scalar($0) }, lstm.projectionLimit.map { Scalar($0) })
    self.precision = precision
  }

  /// Numbers brought within ±`limit`.
  private func limited(_ values: [Scalar], _ limit: Scalar?) -> [Scalar] {
    limit.map { limit in values.map { min(max($0, -limit), limit) } } ?? values
  }

  /// Replaces h and c of every row by the h and c after input `x`.
  func step(
    _ x: [Scalar], rows: Int, _ h: inout [Scalar], _ c: inout [Scalar],
    observing: ((LSTMGate, [Scalar]) -> Void)? = nil
  ) {
    func seen(_ weights: [Scalar]?) -> [Scalar]? {
      weights.map { weights in c.indices.map { weights[$0 % weights.count] * c[$0] } }
    }
    let i = weights.gate(
      .input, recurrentActivation, x, h, rows: rows, adding: seen(peepholes?.input))
    let f = weights.gate(
      .forget, recurrentActivation, x, h, rows: rows, adding: seen(peepholes?.forget))
    let g = weights.gate(.cell, activation, x, h, rows: rows)
    for unit in c.indices { c[unit] = f[unit] * c[unit] + i[unit] * g[unit] }
    c = precision.rounding(limited(c, limits.cell))
    let o = weights.gate(
      .output, recurrentActivation, x, h, rows: rows, adding: seen(peepholes?.output))
    if let observing {
      for (gate, values) in [(LSTMGate.input, i), (.forget, f), (.cell, g), (.output, o)] {
        observing(gate, values)
      }
    }
    let shown = weights.applied(outputActivation, c, rows: rows)
    let whole = precision.rounding(zip(o, shown).map(*))
    guard let projection else {
      h = whole
      return
    }
    let projected = Scalar.products(projection, outputs: h.count / rows, whole, rows: rows)
    h = precision.rounding(limited(projected, limits.projection))
  }
}
