import RecurModel
import RecurTensors

/// Every index of a shape with the offset of an element in memory, counted without divisions.
struct StridedOffsets {
  private let shape: [Int]
  private let strides: [Int]
  private var index: [Int]
  private(set) var offset: Int

  /// Begins at the first index.
  ///
  /// - Parameters:
  ///   - shape: the extents.
  ///   - strides: the distance of neighbouring elements along each axis.
  ///   - start: the offset of the first element.
  init(shape: [Int], strides: [Int], start: Int = 0) {
    self.shape = shape
    self.strides = strides
    index = [Int](repeating: 0, count: shape.count)
    offset = start
  }

  /// Moves to the next index, the last axis first.
  mutating func advance() {
    for axis in index.indices.reversed() {
      index[axis] += 1
      offset += strides[axis]
      if index[axis] < shape[axis] { return }
      offset -= strides[axis] * shape[axis]
      index[axis] = 0
    }
  }
}

extension Values {
  /// The distance of neighbouring elements along each axis.
  var strides: [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// The elements at evenly spaced positions: a new shape, the distance of neighbouring elements
  /// along each of its axes, and the offset of the first element.
  func gathered(_ newShape: [Int], strides: [Int], start: Int = 0) -> Values {
    var offsets = StridedOffsets(shape: newShape, strides: strides, start: start)
    var result = Values(shape: newShape)
    for position in result.elements.indices {
      result.elements[position] = elements[offsets.offset]
      offsets.advance()
    }
    return result
  }

  /// The value with axes of extent 1 repeated, and new axes in front, by NumPy's rules.
  func broadcast(to newShape: [Int]) -> Values {
    guard shape != newShape else { return self }
    let added = newShape.count - shape.count
    let own = strides
    let repeated = newShape.indices.map { axis in
      axis < added || shape[axis - added] == 1 ? 0 : own[axis - added]
    }
    return gathered(newShape, strides: repeated)
  }

  /// The extents that `shapes` have together by NumPy's rules.
  static func common(_ shapes: [[Int]]) -> [Int] {
    let rank = shapes.map(\.count).max() ?? 0
    return (0..<rank).map { axis in
      shapes.reduce(1) { extent, shape in
        let own = axis - (rank - shape.count)
        return own >= 0 && shape[own] != 1 ? shape[own] : extent
      }
    }
  }

  /// Applies `body` to the elements along an axis, for every position of the other axes.
  ///
  /// - Parameters:
  ///   - axis: the axis.
  ///   - body: gives as many elements for every line; they take the place of the line.
  /// - Returns: the value with the lines replaced.
  func mapLines(_ axis: Int, _ body: ([Scalar]) -> [Scalar]) -> Values {
    let extent = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    // The number of elements that a line becomes is that of any line.
    let width = body([Scalar](repeating: 0, count: extent)).count
    var result = Values(shape: shape[..<axis] + [width] + shape[(axis + 1)...])
    for place in 0..<outer * inner {
      let (block, offset) = (place / inner, place % inner)
      let start = block * extent * inner + offset
      let line = body((0..<extent).map { elements[start + $0 * inner] })
      let target = block * width * inner + offset
      for (index, element) in line.enumerated() {
        result.elements[target + index * inner] = element
      }
    }
    return result
  }

  /// Combines the elements along some axes; the axes stay with extent 1.
  func reduced(
    _ axes: [Int], from first: Scalar, _ combine: (Scalar, Scalar) -> Scalar
  ) -> Values {
    var newShape = shape
    for axis in axes { newShape[axis] = 1 }
    var result = Values(shape: newShape, repeating: first)
    var strides = result.strides
    for axis in axes { strides[axis] = 0 }
    var offsets = StridedOffsets(shape: shape, strides: strides)
    for element in elements {
      result.elements[offsets.offset] = combine(result.elements[offsets.offset], element)
      offsets.advance()
    }
    return result
  }

  /// The value without axes of extent 1.
  func removing(_ axes: [Int]) -> Values {
    reshaped(shape.indices.filter { !axes.contains($0) }.map { shape[$0] })
  }

  /// eˣ / Σ eˣ with the sum over some axes, or its logarithm.
  func softmax(_ axes: [Int], isLogarithm: Bool) -> Values {
    let shifted = combined(with: reduced(axes, from: -.infinity, maximum), -)
    let exponentials = Values(shape: shape, elements: shifted.elements.map { Scalar.exp($0) })
    let sums = exponentials.reduced(axes, from: 0, +)
    return isLogarithm
      ? shifted.combined(with: sums) { $0 - Scalar.log($1) } : exponentials.combined(with: sums, /)
  }

  /// A constant of an operator, in the precision of its node.
  init(_ constant: Operand.Constant, _ precision: ElementType) {
    self.init(
      shape: constant.shape,
      elements: constant.elements.map {
        Scalar(constant.isWhole ? $0 : precision.rounded($0))
      })
  }
}

extension ReferenceForward.Call {
  /// The values of all operands, constants among them, broadcast to one shape.
  func aligned(_ operands: [Operand]) -> [Values<Scalar>] {
    let all = values(of: operands)
    let shape = Values<Scalar>.common(all.map(\.shape))
    return all.map { $0.broadcast(to: shape) }
  }

  /// The values of all operands, constants among them.
  func values(of operands: [Operand]) -> [Values<Scalar>] {
    var rest = inputs[...]
    return operands.map { operand in
      switch operand {
      case .input: rest.popFirst() ?? inputs[0]
      case .constant(let value): Values(value, precision)
      }
    }
  }
}
