import RecurModel
import RecurTensors

extension Values {
  /// The same elements with another shape.
  func reshaped(_ shape: [Int]) -> Values { Values(shape: shape, elements: elements) }

  /// One row of a value `[batch, width]`.
  func row(_ index: Int) -> [Scalar] { Array(elements[index * width..<(index + 1) * width]) }

  /// Replaces one row of a value `[batch, width]`.
  mutating func setRow(_ index: Int, _ row: [Scalar]) {
    elements.replaceSubrange(index * width..<(index + 1) * width, with: row)
  }

  /// The elements rounded to a 16-bit type; for a wider type the elements are unchanged.
  func rounded(to precision: ElementType) -> Values {
    Values(shape: shape, elements: precision.rounding(elements))
  }

  /// The elements after an activation along the last axis.
  func activated(_ activation: Activation) -> Values {
    mapRows(width: activation.outputWidth(width) ?? width) { row in
      var row = row
      activation.apply(to: &row)
      return row
    }
  }

  /// Permutes the axes: axis i of the result is axis `axes[i]` of this value.
  func permuted(_ axes: [Int]) -> Values {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let newShape = axes.map { shape[$0] }
    var result = Values(shape: newShape)
    var index = [Int](repeating: 0, count: axes.count)
    for position in result.elements.indices {
      var source = 0
      for (axis, value) in zip(axes, index) { source += strides[axis] * value }
      result.elements[position] = elements[source]
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < newShape[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }

  /// A value `[batch, timesteps, …]` with reversed timesteps.
  func reversedTimesteps() -> Values {
    let (timesteps, size) = (shape[1], shape.dropFirst(2).reduce(1, *))
    var result = self
    for row in 0..<shape[0] {
      for t in 0..<timesteps {
        let (from, to) = (
          (row * timesteps + t) * size, (row * timesteps + timesteps - 1 - t) * size
        )
        result.elements.replaceSubrange(to..<to + size, with: elements[from..<from + size])
      }
    }
    return result
  }

  /// Combines each pair of elements by `operation`; axes of extent 1 are repeated.
  func combined(with other: Values, _ operation: (Scalar, Scalar) -> Scalar) -> Values {
    if shape == other.shape {
      return Values(shape: shape, elements: zip(elements, other.elements).map(operation))
    }
    let newShape = zip(shape, other.shape).map { $0 == 1 ? $1 : $0 }
    func strides(_ shape: [Int]) -> [Int] {
      var strides = [Int](repeating: 0, count: shape.count)
      var size = 1
      for axis in shape.indices.reversed() {
        strides[axis] = shape[axis] == 1 ? 0 : size
        size *= shape[axis]
      }
      return strides
    }
    let (mine, others) = (strides(shape), strides(other.shape))
    var result = Values(shape: newShape)
    var index = [Int](repeating: 0, count: newShape.count)
    for position in result.elements.indices {
      var (one, two) = (0, 0)
      for axis in index.indices {
        one += mine[axis] * index[axis]
        two += others[axis] * index[axis]
      }
      result.elements[position] = operation(elements[one], other.elements[two])
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < newShape[axis] { break }
        index[axis] = 0
      }
    }
    return result
  }

  /// Several values concatenated along `axis`.
  static func concatenated(_ parts: [Values], axis: Int) -> Values {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let outer = shape[..<axis].reduce(1, *)
    var elements: [Scalar] = []
    elements.reserveCapacity(shape.reduce(1, *))
    for index in 0..<outer {
      for part in parts {
        let size = part.shape[axis...].reduce(1, *)
        elements += part.elements[index * size..<(index + 1) * size]
      }
    }
    return Values(shape: shape, elements: elements)
  }
}
