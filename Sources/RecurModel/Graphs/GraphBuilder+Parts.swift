package import RecurTensors

// Arrays divided into parts, and arrays with margins.
extension GraphBuilder {
  /// The parts of an axis; one size may be -1, which is the rest, and a part of the size 0 is nothing.
  ///
  /// - Throws: `graph.unsupported` for sizes that are not those of the axis.
  package mutating func parts(
    _ x: GraphValue, axis: Int, sizes given: [Int]
  ) throws(CheckpointError) -> [GraphValue] {
    var sizes = given
    guard let extent = try extents(x)[axis].value, sizes.count <= 1_024,
      sizes.count(where: { $0 < 0 }) <= 1, sizes.allSatisfy({ -1...extent ~= $0 })
    else { throw problem("makes parts of \(sizes) elements") }
    if let open = sizes.firstIndex(of: -1) {
      sizes[open] = 0
      sizes[open] = extent - sizes.reduce(0, +)
    }
    guard sizes.reduce(0, +) == extent, sizes.allSatisfy({ $0 >= 0 }) else {
      throw problem("makes parts of \(given) of \(extent) elements")
    }
    var (parts, start): ([GraphValue], Int) = ([], 0)
    for size in sizes {
      parts.append(size == 0 ? .nothing : try sliced(x, axis: axis, from: start, to: start + size))
      start += size
    }
    return parts
  }

  /// An array with `value` before and behind every axis, as often as `counts` says: two numbers per axis.
  ///
  /// - Throws: `graph.unsupported` for other numbers.
  package mutating func padded(
    _ array: GraphValue, _ counts: [Int], with value: Double
  ) throws(CheckpointError) -> GraphValue {
    var x = array
    let rank = try extents(x).count
    guard counts.count == 2 * rank, counts.allSatisfy({ 0...(1 << 20) ~= $0 }) else {
      throw problem("adds \(counts) elements to \(rank) axes")
    }
    for axis in 0..<rank {
      for (count, isFirst) in [(counts[2 * axis], true), (counts[2 * axis + 1], false)]
      where count > 0 {
        var shape = try extents(x)
        shape[axis] = .fixed(count)
        let margin = GraphValue.known(
          try KnownArray(repeating: value, type(x) ?? .float32, shape: shape))
        x = try concatenated(isFirst ? [margin, x] : [x, margin], axis: axis)
      }
    }
    return x
  }
}
