import RecurModel

// Definitions: keras/src/activations/activations.py and keras/src/backend/tensorflow/nn.py (3.15);
// tf_keras/src/activations.py (2.21). Each case of `Activation` is one of these functions.

extension Activation {
  /// The function of one number, or nil for functions of the whole last axis.
  func elementwise<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar? {
    switch self {
    case .linear: x
    case .relu: maximum(x, 0)
    case .relu6: minimum(maximum(x, 0), 6)
    case .leakyReLU(let slope): x >= 0 ? x : Scalar(slope) * x
    case .elu(let alpha): x > 0 ? x : Scalar(alpha) * Scalar.expm1(x)
    case .selu:
      Scalar(1.0507009873554804934193349852946)
        * (x > 0 ? x : Scalar(1.6732632423543772848170429916717) * Scalar.expm1(x))
    case .celu(let alpha):
      maximum(x, 0) + minimum(Scalar(alpha) * Scalar.expm1(x / Scalar(alpha)), 0)
    case .sigmoid: logistic(x)
    case .hardSigmoid(let slope, let offset):
      minimum(maximum(Scalar(slope) * x + Scalar(offset), 0), 1)
    case .logSigmoid: -logOnePlusExp(-x)
    case .tanh: Scalar.tanh(x)
    case .hardTanh: minimum(maximum(x, -1), 1)
    case .tanhShrink: x - Scalar.tanh(x)
    case .softmax, .logSoftmax, .glu, .sparsemax: nil
    case .softplus: logOnePlusExp(x)
    case .softsign: x / (1 + x.magnitude)
    case .softShrink(let threshold):
      x > Scalar(threshold)
        ? x - Scalar(threshold) : x < -Scalar(threshold) ? x + Scalar(threshold) : 0
    case .hardShrink(let threshold): x.magnitude > Scalar(threshold) ? x : 0
    case .exponential: Scalar.exp(x)
    case .silu: x * logistic(x)
    case .hardSilu: x * minimum(maximum(x / 6 + 0.5, 0), 1)
    case .gelu(isApproximate: false): x * (1 + Scalar.erf(x / Scalar(2).squareRoot())) / 2
    case .gelu(isApproximate: true):
      x * (1 + Scalar.tanh(Scalar(0.7978845608028654) * (x + Scalar(0.044715) * x * x * x))) / 2
    case .mish: x * Scalar.tanh(logOnePlusExp(x))
    case .squareplus(let b): (x + (x * x + Scalar(b)).squareRoot()) / 2
    case .sparsePlus: x <= -1 ? 0 : x < 1 ? (x + 1) * (x + 1) / 4 : x
    case .sparseSigmoid: minimum(maximum((x + 1) / 2, 0), 1)
    case .threshold(let at, let otherwise): x > Scalar(at) ? x : Scalar(otherwise)
    case .rectifier(let top, let slope, let threshold):
      x >= Scalar(threshold)
        ? top.map { minimum(x, Scalar($0)) } ?? x : Scalar(slope) * (x - Scalar(threshold))
    case .affine(let slope, let offset): Scalar(slope) * x + Scalar(offset)
    case .scaledTanh(let scale, let slope): Scalar(scale) * Scalar.tanh(Scalar(slope) * x)
    case .clipped(let function, let limit):
      function.elementwise(minimum(maximum(x, -Scalar(limit)), Scalar(limit)))
    }
  }

  /// The function of rows of equal length.
  func applied<Scalar: ReferenceScalar>(to numbers: [Scalar], rows: Int) -> [Scalar] {
    var copy = numbers
    guard rows > 1, elementwise(Scalar(0)) == nil else {
      apply(to: &copy)
      return copy
    }
    let width = numbers.count / rows
    return (0..<rows).flatMap { row in
      var one = Array(numbers[row * width..<(row + 1) * width])
      apply(to: &one)
      return one
    }
  }

  /// Applies the function to one row, the last axis of a tensor; `glu` halves the row.
  func apply<Scalar: ReferenceScalar>(to row: inout [Scalar]) {
    switch self {
    case .softmax:
      let shifted = shiftedExponentials(row)
      row = shifted.map { $0 / shifted.reduce(0, +) }
    case .logSoftmax:
      let top = row.reduce(-Scalar.infinity, maximum)
      let sum = Scalar.log(shiftedExponentials(row).reduce(0, +))
      row = row.map { $0 - top - sum }
    case .linear: break
    case .glu:
      let half = row.count / 2
      row = (0..<half).map { row[$0] * logistic(row[half + $0]) }
    case .sparsemax:
      // The k largest elements are kept, as long as 1 + k·z_k > their sum. The sum of all these
      // sums makes the threshold (keras/src/backend/tensorflow/nn.py, `sparsemax`).
      let sorted = row.sorted(by: >)
      var (sum, kept, total): (Scalar, Scalar, Scalar) = (0, 0, 0)
      for (index, z) in sorted.enumerated() {
        sum += z
        guard z - (sum - 1) / Scalar(index + 1) > 0 else { continue }
        kept += 1
        total += sum
      }
      let shift = (total - 1) / kept
      row = row.map { maximum($0 - shift, 0) }
    default:
      for index in row.indices { row[index] = elementwise(row[index]) ?? row[index] }
    }
  }
}

/// Subtracting the largest element first keeps the exponentials finite.
private func shiftedExponentials<Scalar: ReferenceScalar>(_ row: [Scalar]) -> [Scalar] {
  let top = row.reduce(-Scalar.infinity, maximum)
  return row.map { Scalar.exp($0 - top) }
}

private func logistic<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
  x >= 0 ? 1 / (1 + Scalar.exp(-x)) : Scalar.exp(x) / (1 + Scalar.exp(x))
}

private func logOnePlusExp<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
  maximum(x, 0) + Scalar.log1p(Scalar.exp(-x.magnitude))
}

/// The larger number; NaN if either is NaN, unlike Swift's `max`.
func maximum<Scalar: ReferenceScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
  a.isNaN || b.isNaN ? .nan : a > b ? a : b
}

func minimum<Scalar: ReferenceScalar>(_ a: Scalar, _ b: Scalar) -> Scalar {
  a.isNaN || b.isNaN ? .nan : a < b ? a : b
}
