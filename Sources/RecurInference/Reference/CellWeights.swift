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

  /// function(W·x + U·h + b + extra) for one gate of every row, where b is the sum of both biases.
  ///
  /// x is `[rows, inputSize]`, h `[rows, width of h]`, and `extra` is `[rows, units]`, like the result.
  func gate(
    _ gate: Gate, _ function: Activation, _ x: [Scalar], _ h: [Scalar], rows: Int,
    adding extra: [Scalar]? = nil
  ) -> [Scalar] {
    let (bias, other) = (bias[gate], recurrentBias[gate])
    let units = bias.count
    var z = Scalar.products(kernel[gate], outputs: units, x, rows: rows)
    let recurrent = Scalar.products(recurrentKernel[gate], outputs: units, h, rows: rows)
    for row in 0..<rows {
      for unit in 0..<units {
        let index = row * units + unit
        z[index] = bias[unit] + other[unit] + (z[index] + recurrent[index])
        if let extra { z[index] += extra[index] }
      }
    }
    return applied(function, z, rows: rows)
  }

  /// W·x + b of every row.
  func input(_ gate: Gate, _ x: [Scalar], rows: Int) -> [Scalar] {
    sums(kernel[gate], x, bias[gate], rows: rows)
  }

  /// U·h + b' of every row, where b' is the recurrent bias.
  func recurrent(_ gate: Gate, _ h: [Scalar], rows: Int) -> [Scalar] {
    sums(recurrentKernel[gate], h, recurrentBias[gate], rows: rows)
  }

  private func sums(_ matrix: [Scalar], _ x: [Scalar], _ bias: [Scalar], rows: Int) -> [Scalar] {
    let units = bias.count
    var y = Scalar.products(matrix, outputs: units, x, rows: rows)
    for index in y.indices { y[index] = bias[index % units] + y[index] }
    return precision.rounding(y)
  }

  /// function(z) of every row, with z and the result rounded to the cell's precision.
  func applied(_ function: Activation, _ z: [Scalar], rows: Int) -> [Scalar] {
    precision.rounding(function.applied(to: precision.rounding(z), rows: rows))
  }
}
