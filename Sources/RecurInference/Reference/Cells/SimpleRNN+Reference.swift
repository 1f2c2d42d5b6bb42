import RecurModel
import RecurTensors

extension SimpleRNN: ReferenceCell {
  var observedGates: (count: Int, units: Int) { (0, 0) }

  func step<Scalar: ReferenceScalar>(precision: ElementType) -> CellStep<Scalar> {
    let cell = SimpleRNNCell<Scalar>(self, precision: precision)
    return { x, rows, states, place, _ in
      cell.step(x, rows: rows, &states[place.state])
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

  /// Replaces h of every row by the h after input `x`.
  func step(_ x: [Scalar], rows: Int, _ h: inout [Scalar]) {
    h = weights.gate(.hidden, activation, x, h, rows: rows)
  }
}
