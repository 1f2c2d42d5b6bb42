import RecurTensors

/// The numbers of a tensor as an array in memory, row-major.
struct Values<Scalar: ReferenceScalar>: Sendable {
  var shape: [Int]
  var elements: [Scalar]

  init(shape: [Int], elements: [Scalar]) {
    self.shape = shape
    self.elements = elements
  }

  init(shape: [Int], repeating element: Scalar = 0) {
    self.init(
      shape: shape, elements: [Scalar](repeating: element, count: shape.reduce(1, *)))
  }

  /// The numbers of `tensor`, rounded to `type` as a framework's cast does.
  init(_ tensor: Tensor, roundedTo type: ElementType) {
    self.init(
      shape: tensor.shape,
      elements: tensor.doubles().map { Scalar(type.rounded($0)) })
  }

  /// The numbers of `tensor` without rounding to a type.
  init(_ tensor: Tensor) {
    self.init(shape: tensor.shape, elements: tensor.doubles().map { Scalar($0) })
  }

  /// The extent of the last axis.
  var width: Int { shape.last ?? 1 }

  /// Applies `body` to every row along the last axis.
  func mapRows(width newWidth: Int, _ body: ([Scalar]) -> [Scalar]) -> Values {
    var result: [Scalar] = []
    let rows = shape.dropLast().reduce(1, *)
    result.reserveCapacity(rows * newWidth)
    for row in 0..<rows {
      result += body(Array(elements[row * width..<(row + 1) * width]))
    }
    return Values(shape: shape.dropLast() + [newWidth], elements: result)
  }

  /// The value as a tensor: float64 for Double, float32 for Float.
  func tensor() throws(CheckpointError) -> Tensor { try Scalar.tensor(elements, shape: shape) }
}

extension ElementType {
  /// `numbers` rounded to this type if it is a 16-bit type; unchanged for wider types.
  func rounding<Scalar: ReferenceScalar>(_ numbers: [Scalar]) -> [Scalar] {
    isHalfWidthFloat ? numbers.map { Scalar(rounded(Double($0))) } : numbers
  }
}
