import RecurModel
import RecurTensors

/// The weights of a cell as arrays of numbers, gate by gate.
struct CellWeights<Gate: RecurrentGate, Scalar: ReferenceScalar>: Sendable {
  private let kernel: GateMap<Gate, [Scalar]>
  private let recurrentKernel: GateMap<Gate, [Scalar]>
  private let bias: GateMap<Gate, [Scalar]>
  /// The recurrent bias; zeros when the cell has one bias per gate, or none.
  private let recurrentBias: GateMap<Gate, [Scalar]>
  private let precision: ElementType

  init(_ weights: RecurrentWeights<Gate>, units: Int, precision: ElementType) {
    self.precision = precision
    func load(_ tensor: Tensor) -> [Scalar] {
      precision.rounding(Values<Scalar>(tensor).elements)
    }
    let zeros = [Scalar](repeating: 0, count: units)
    kernel = GateMap { load(weights.kernel[$0]) }
    recurrentKernel = GateMap { load(weights.recurrentKernel[$0]) }
    switch weights.bias {
    case .none: (bias, recurrentBias) = (GateMap { _ in zeros }, GateMap { _ in zeros })
    case .single(let one):
      (bias, recurrentBias) = (GateMap { load(one[$0]) }, GateMap { _ in zeros })
    case .split(let input, let recurrent):
      (bias, recurrentBias) = (GateMap { load(input[$0]) }, GateMap { load(recurrent[$0]) })
    }
  }

  /// function(W·x + U·h + b + extra) for one gate, where b is the sum of both biases.
  func gate(
    _ gate: Gate, _ function: Activation, _ x: [Scalar], _ h: [Scalar],
    adding extra: [Scalar]? = nil
  ) -> [Scalar] {
    var z = zip(bias[gate], recurrentBias[gate]).map(+)
    for unit in z.indices {
      z[unit] += dot(kernel[gate], row: unit, x) + dot(recurrentKernel[gate], row: unit, h)
      if let extra { z[unit] += extra[unit] }
    }
    return applied(function, z)
  }

  /// W·x + b.
  func input(_ gate: Gate, _ x: [Scalar]) -> [Scalar] {
    precision.rounding(bias[gate].indices.map { bias[gate][$0] + dot(kernel[gate], row: $0, x) })
  }

  /// U·h + b', where b' is the recurrent bias.
  func recurrent(_ gate: Gate, _ h: [Scalar]) -> [Scalar] {
    precision.rounding(
      recurrentBias[gate].indices.map {
        recurrentBias[gate][$0] + dot(recurrentKernel[gate], row: $0, h)
      })
  }

  /// function(z), with z and the result rounded to the cell's precision.
  func applied(_ function: Activation, _ z: [Scalar]) -> [Scalar] {
    var y = precision.rounding(z)
    function.apply(to: &y)
    return precision.rounding(y)
  }
}

/// The product of one row of a row-major matrix and a vector.
func dot<Scalar: ReferenceScalar>(_ matrix: [Scalar], row: Int, _ x: [Scalar]) -> Scalar {
  var sum: Scalar = 0
  let start = row * x.count
  for column in x.indices { sum += matrix[start + column] * x[column] }
  return sum
}
