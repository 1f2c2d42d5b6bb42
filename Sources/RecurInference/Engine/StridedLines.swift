/// The elements of up to four arrays that belong together, as lines along one axis.
///
/// Axes that follow each other in memory in all arrays count as one axis, so lines are as long as
/// possible.
struct StridedLines: Sendable {
  /// An offset, or a distance, in each array.
  typealias Offsets = SIMD4<Int>

  /// The number of elements of a line.
  let length: Int
  /// The distances between neighbouring elements of a line.
  let steps: Offsets
  /// The number of lines.
  let count: Int
  private let extents: [Int]
  private let strides: [Offsets]
  /// The number of lines below one index of each axis.
  private let sizes: [Int]

  /// Divides a shape into lines.
  ///
  /// - Parameters:
  ///   - shape: the extents.
  ///   - arrays: for each array, the distances between neighbouring elements along each axis.
  init(_ shape: [Int], _ arrays: [[Int]]) {
    var axes: [(extent: Int, stride: Offsets)] = []
    for axis in shape.indices where shape[axis] != 1 {
      var stride = Offsets.zero
      for (array, own) in arrays.enumerated() { stride[array] = own[axis] }
      let last = axes.count - 1
      if last >= 0, axes[last].stride == stride &* Offsets(repeating: shape[axis]) {
        axes[last] = (axes[last].extent * shape[axis], stride)
      } else {
        axes.append((shape[axis], stride))
      }
    }
    (length, steps) = axes.popLast() ?? (1, .zero)
    extents = axes.map(\.extent)
    strides = axes.map(\.stride)
    var sizes = [Int](repeating: 1, count: axes.count)
    for axis in axes.indices.dropLast().reversed() {
      sizes[axis] = sizes[axis + 1] * extents[axis + 1]
    }
    self.sizes = sizes
    count = extents.reduce(1, *)
  }

  /// The smallest and the largest offset in each array.
  var bounds: (least: Offsets, largest: Offsets) {
    var (least, largest) = (Offsets.zero, Offsets.zero)
    for (extent, stride) in zip(extents + [length], strides + [steps]) {
      let end = stride &* Offsets(repeating: max(extent - 1, 0))
      least = least &+ pointwiseMin(end, .zero)
      largest = largest &+ pointwiseMax(end, .zero)
    }
    return (least, largest)
  }

  /// Calls `body` with the offsets of the first elements of some lines, in order.
  @inline(__always)
  func forEach(_ lines: Range<Int>, _ body: (Offsets) -> Void) {
    walk(0, 0, .zero, lines, body)
  }

  private func walk(
    _ axis: Int, _ first: Int, _ start: Offsets, _ lines: Range<Int>, _ body: (Offsets) -> Void
  ) {
    guard axis < extents.count else {
      if !lines.isEmpty { body(start) }
      return
    }
    let (size, stride) = (sizes[axis], strides[axis])
    let begin = max((lines.lowerBound - first) / size, 0)
    let end = min((lines.upperBound - first + size - 1) / size, extents[axis])
    guard begin < end else { return }
    var place = start &+ stride &* Offsets(repeating: begin)
    for index in begin..<end {
      if axis == extents.count - 1 {
        body(place)
      } else {
        walk(axis + 1, first + index * size, place, lines, body)
      }
      place &+= stride
    }
  }
}

/// The strides of a row-major array, in elements.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  return strides
}

/// The strides with which a row-major array of `shape` is repeated to fill `target`, by NumPy's
/// rules.
func repeatingStrides(_ shape: [Int], filling target: [Int]) -> [Int] {
  let (own, added) = (rowMajorStrides(shape), target.count - shape.count)
  return target.indices.map { axis in
    axis < added || shape[axis - added] == 1 ? 0 : own[axis - added]
  }
}
