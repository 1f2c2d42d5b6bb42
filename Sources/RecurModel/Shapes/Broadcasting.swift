/// The shape of values that are combined element by element by NumPy's rules: shapes are aligned at
/// their last axes, and axes of extent 1 are repeated.
///
/// - Throws: the rule, when two extents differ and none of them is 1.
func broadcast(_ shapes: [[Dimension]]) throws(ShapeProblem) -> [Dimension] {
  let rank = shapes.map(\.count).max() ?? 0
  var result = [Dimension](repeating: .fixed(1), count: rank)
  for shape in shapes {
    for (axis, extent) in zip((rank - shape.count)..<rank, shape) where extent != .fixed(1) {
      guard result[axis] == .fixed(1) || extent.agrees(with: result[axis]) else {
        throw ShapeProblem(expected: "shapes whose last axes are equal, or 1 where they differ")
      }
      // A free extent that meets a fixed one must be equal to it, or 1.
      if result[axis] == .fixed(1) || result[axis].value == nil { result[axis] = extent }
    }
  }
  return result
}

/// The positions of axes in a value of `rank` axes, in ascending order; negative axes count from
/// the end.
///
/// - Returns: the positions; nil when an axis does not exist or is named twice.
package func positions(of axes: [Int], rank: Int) -> [Int]? {
  let positions = axes.map { $0 < 0 ? $0 + rank : $0 }
  guard Set(positions).count == positions.count, positions.allSatisfy({ 0..<rank ~= $0 }) else {
    return nil
  }
  return positions.sorted()
}

/// The position of one axis in a value of `rank` axes.
///
/// - Throws: the axis, when the value does not have it.
package func position(of axis: Int, rank: Int) throws(ShapeProblem) -> Int {
  guard let position = positions(of: [axis], rank: rank)?.first else {
    throw ShapeProblem(expected: "an axis \(axis)")
  }
  return position
}

/// The elements of a list of axes as text: `1, 2`.
func listed(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
