extension Merge {
  /// The output shape for inputs of these shapes.
  func shape(
    of inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [Dimension] {
    switch self {
    case .add, .subtract, .multiply, .average, .maximum, .minimum:
      let rank = inputs.map(\.count).max() ?? 0
      var result: [Dimension] = []
      for shape in inputs {
        let aligned = Self.aligned(shape, rank: rank, with: .fixed(1))
        guard !result.isEmpty else {
          result = aligned
          continue
        }
        for axis in 0..<rank {
          if result[axis] == .fixed(1) || result[axis].value == nil && aligned[axis] != .fixed(1) {
            result[axis] = aligned[axis]
          } else if aligned[axis] != .fixed(1), !aligned[axis].agrees(with: result[axis]) {
            throw ShapeProblem(expected: "shapes that are equal, or 1 where they differ")
          }
        }
      }
      return result
    case .concatenate(let axis):
      let rank = inputs[0].count
      let position = axis < 0 ? axis + rank : axis
      guard position > 0, position < rank, inputs.allSatisfy({ $0.count == rank }) else {
        throw ShapeProblem(expected: "inputs of one rank, with an axis \(axis)")
      }
      var result = inputs[0]
      for shape in inputs.dropFirst() {
        for index in 0..<rank where index != position {
          guard shape[index].agrees(with: result[index]) else {
            throw ShapeProblem(expected: "inputs that differ along axis \(axis) only")
          }
          if result[index].value == nil { result[index] = shape[index] }
        }
        if let one = result[position].value, let other = shape[position].value {
          result[position] = .fixed(one + other)
        } else {
          result[position] = .free("axis\(position)(\(name))")
        }
      }
      return result
    case .stack(let axis):
      guard axis >= 0, axis <= inputs[0].count else {
        throw ShapeProblem(expected: "at least \(axis) axes")
      }
      var result = inputs[0]
      for shape in inputs.dropFirst() {
        guard shape.count == result.count, zip(shape, result).allSatisfy({ $0.agrees(with: $1) })
        else { throw ShapeProblem(expected: "inputs of one shape") }
        for index in result.indices where result[index].value == nil {
          result[index] = shape[index]
        }
      }
      return result[..<axis] + [.fixed(inputs.count)] + result[axis...]
    case .dot(let axes, _):
      let (one, other) = (inputs[0], inputs[1])
      guard one.count >= 2, other.count >= 2, one.indices.contains(axes[0]), axes[0] > 0,
        other.indices.contains(axes[1]), axes[1] > 0, one[axes[0]].agrees(with: other[axes[1]])
      else { throw ShapeProblem(expected: "the same extent along axes \(axes[0]) and \(axes[1])") }
      var left = one
      left.remove(at: axes[0])
      var right = other
      right.remove(at: axes[1])
      let result = left + right.dropFirst()
      return result.count == 1 ? result + [.fixed(1)] : result
    }
  }

  /// `shape` with axes of extent 1 inserted after the batch, until the shape has `rank` axes
  /// (keras/src/layers/merging/base_merge.py, `call`).
  package static func aligned<Extent>(_ shape: [Extent], rank: Int, with one: Extent) -> [Extent] {
    guard let batch = shape.first, shape.count < rank else { return shape }
    return [batch] + [Extent](repeating: one, count: rank - shape.count) + shape.dropFirst()
  }
}
