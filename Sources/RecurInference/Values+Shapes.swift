import RecurModel
import RecurTensors

extension Values {
  /// The same elements in another shape.
  func reshaped(_ shape: [Int]) -> Values { Values(shape: shape, elements: elements) }

  /// One row of `[batch, width]`.
  func row(_ index: Int) -> [Scalar] { Array(elements[index * width..<(index + 1) * width]) }

  /// Replaces one row of `[batch, width]`.
  mutating func setRow(_ index: Int, _ row: [Scalar]) {
    elements.replaceSubrange(index * width..<(index + 1) * width, with: row)
  }

  /// Rounded to a type of 16 bits; wider types are left to the judge.
  func rounded(to precision: ElementType) -> Values {
    Values(shape: shape, elements: precision.rounding(elements))
  }

  /// A function applied along the last axis.
  func activated(_ activation: Activation) -> Values {
    mapRows(width: activation.outputWidth(width) ?? width) { row in
      var row = row
      activation.apply(to: &row)
      return row
    }
  }

  /// The elements at `axes` positions, strides and all: axis i of the result is `axes[i]` of this.
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

  /// `[batch, timesteps, …]` with the timesteps in the other order.
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

  /// One element along an axis; with a mask `[batch, timesteps]` the first or the last that counts.
  func selected(_ selection: Selection, mask: Values?) -> Values {
    let (axis, extent) = (selection.axis, shape[selection.axis])
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    var result = Values(shape: Array(shape[..<axis] + shape[(axis + 1)...]), elements: [])
    for row in 0..<outer {
      var position = selection.index < 0 ? selection.index + extent : selection.index
      if let mask {
        let counts = mask.row(row)
        position =
          (selection.index < 0 ? counts.lastIndex { $0 != 0 } : counts.firstIndex { $0 != 0 })
          ?? position
      }
      let start = (row * extent + position) * inner
      result.elements += elements[start..<start + inner]
    }
    return result
  }

  /// An operation on each pair of elements; axes of extent 1 are repeated.
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

  /// Several values one after the other along `axis`.
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

  /// Divided by its length along `axis` (keras/src/utils/numerical_utils.py, `normalize`).
  func normalized(axis: Int) -> Values {
    var lengths = Values(shape: shape.enumerated().map { $0.offset == axis ? 1 : $0.element })
    let inner = shape[(axis + 1)...].reduce(1, *)
    for (position, element) in elements.enumerated() {
      lengths.elements[position / (inner * shape[axis]) * inner + position % inner] +=
        element * element
    }
    return combined(with: lengths) { $0 / max($1, 1e-12).squareRoot() }
  }

  /// Σ over one axis of each, sequence by sequence.
  func dot(_ other: Values, axes: (Int, Int)) -> Values {
    let rest = shape.indices.dropFirst().filter { $0 != axes.0 }
    let otherRest = other.shape.indices.dropFirst().filter { $0 != axes.1 }
    let left = permuted([0] + rest + [axes.0])
    let right = other.permuted([0] + otherRest + [axes.1])
    let (batch, depth) = (shape[0], shape[axes.0])
    let rows = rest.reduce(1) { $0 * shape[$1] }
    let columns = otherRest.reduce(1) { $0 * other.shape[$1] }
    var result = Values(shape: [batch] + rest.map { shape[$0] } + otherRest.map { other.shape[$0] })
    for index in 0..<batch {
      for row in 0..<rows {
        for column in 0..<columns {
          var sum: Scalar = 0
          for k in 0..<depth {
            sum +=
              left.elements[(index * rows + row) * depth + k]
              * right.elements[(index * columns + column) * depth + k]
          }
          result.elements[(index * rows + row) * columns + column] = sum
        }
      }
    }
    return result.shape.count == 1 ? result.reshaped([batch, 1]) : result
  }

  /// The same elements as ``Reshaping`` says.
  func reshaped(_ reshaping: Reshaping) -> Values {
    switch reshaping {
    case .flatten: return reshaped([shape[0], shape.dropFirst().reduce(1, *)])
    case .reshape(let extents):
      let known = extents.compactMap { $0 }.reduce(1, *)
      let total = shape.dropFirst().reduce(1, *)
      return reshaped([shape[0]] + extents.map { $0 ?? total / max(known, 1) })
    case .permute(let axes): return permuted([0] + axes)
    case .repeatVector(let count):
      return Values.concatenated(
        [Values](repeating: reshaped([shape[0], 1, width]), count: count), axis: 1)
    case .pad(let before, let after):
      return Values.concatenated([zeros(before), self, zeros(after)], axis: 1)
    case .crop(let before, let after):
      var result = Values(shape: [shape[0], shape[1] - before - after, shape[2]], elements: [])
      for row in 0..<shape[0] {
        let start = row * shape[1] * shape[2]
        result.elements +=
          elements[
            start + before * shape[2]..<start + (shape[1] - after) * shape[2]]
      }
      return result
    case .insertAxis(let position):
      return reshaped(shape[..<position] + [1] + shape[position...])
    case .exchangeBatchAndTime: return permuted([1, 0] + shape.indices.dropFirst(2))
    case .upsample(let factor):
      var result = Values(shape: [shape[0], shape[1] * factor, shape[2]], elements: [])
      for step in 0..<shape[0] * shape[1] {
        let row = elements[step * shape[2]..<(step + 1) * shape[2]]
        for _ in 0..<factor { result.elements += row }
      }
      return result
    }
  }

  private func zeros(_ timesteps: Int) -> Values { Values(shape: [shape[0], timesteps, shape[2]]) }
}
