// Work over many items that threads may share.
extension WorkspacePlanner {
  /// Memory for each thread, for the current step only.
  mutating func memories(_ count: Int) -> [FloatBuffer] {
    guard count > 0 else { return [FloatBuffer](repeating: zero.buffer, count: threads) }
    var memories: [FloatBuffer] = []
    for _ in 0..<threads { memories.append(temporary(count)) }
    return memories
  }

  /// Plans work on `count` items.
  ///
  /// - Parameters:
  ///   - count: the number of items.
  ///   - products: the cost of all items, in multiplications.
  ///   - memories: memory for each thread; nil for none.
  ///   - body: does the work of a range of items. The results may not depend on the ranges.
  mutating func share(
    _ count: Int, products: Int, in memories: [FloatBuffer]? = nil,
    _ body: @escaping @Sendable (Range<Int>, FloatBuffer) -> Void
  ) {
    let memories = memories ?? self.memories(0)
    func task(_ range: Range<Int>, _ memory: FloatBuffer) -> ParallelTask {
      ParallelTask { body(range, memory) }
    }
    let isWorth = threads > 1 && count > 1 && products >= WorkSharing.leastProducts
    act(
      sharing: isWorth
        ? zip(WorkSharing.parts(of: count, threads), memories).map { task($0, $1) } : [],
      solo: [task(0..<count, memories[0])])
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
    let memories = memories(scratch)
    guard lines.count == 1 else {
      return share(lines.count, products: products, in: memories) { range, memory in
        lines.forEach(range) { body($0, length, memory) }
      }
    }
    share(length, products: products, in: memories) { range, memory in
      body(lines.steps &* StridedLines.Offsets(repeating: range.lowerBound), range.count, memory)
    }
  }
}
