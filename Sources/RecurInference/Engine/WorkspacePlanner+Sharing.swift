// Work over many items that threads may share.
extension WorkspacePlanner {
  /// Plans work on `count` items.
  ///
  /// - Parameters:
  ///   - count: the number of items.
  ///   - products: the cost of all items, in multiplications.
  ///   - scratch: the size of the memory that each thread gets for itself.
  ///   - body: does the work of a range of items. The results may not depend on the ranges.
  mutating func share(
    _ count: Int, products: Int, scratch: Int = 0,
    _ body: @escaping @Sendable (Range<Int>, FloatBuffer) -> Void
  ) {
    let own = scratch > 0 ? temporary(scratch) : zero.buffer
    func task(_ range: Range<Int>, _ memory: FloatBuffer) -> ParallelTask {
      ParallelTask { body(range, memory) }
    }
    var shared: [ParallelTask] = []
    if threads > 1, count > 1, products >= WorkSharing.leastProducts {
      for (index, range) in WorkSharing.parts(of: count, threads).enumerated() {
        shared.append(task(range, index == 0 || scratch == 0 ? own : temporary(scratch)))
      }
    }
    act(sharing: shared, solo: [task(0..<count, own)])
  }

  /// Plans work on the lines of several arrays.
  ///
  /// - Parameters:
  ///   - lines: the lines.
  ///   - arrays: the arrays to which the lines belong.
  ///   - cost: the cost of an element, in multiplications.
  ///   - scratch: the size of the memory that each thread gets for itself.
  ///   - body: does the work of a line that begins at some offsets and has a number of elements.
  mutating func act(
    over lines: StridedLines, of arrays: [FloatBuffer], cost: Int = 1, scratch: Int = 0,
    _ body: @escaping @Sendable (StridedLines.Offsets, Int, FloatBuffer) -> Void
  ) {
    let (least, largest) = lines.bounds
    for (index, array) in arrays.enumerated() {
      precondition(least[index] >= 0 && largest[index] < max(array.count, 1))
    }
    guard lines.count * lines.length > 0 else { return }
    let (products, length) = (lines.count * lines.length * cost, lines.length)
    guard lines.count == 1 else {
      return share(lines.count, products: products, scratch: scratch) { range, memory in
        lines.forEach(range) { body($0, length, memory) }
      }
    }
    share(length, products: products, scratch: scratch) { range, memory in
      body(lines.steps &* StridedLines.Offsets(repeating: range.lowerBound), range.count, memory)
    }
  }
}
