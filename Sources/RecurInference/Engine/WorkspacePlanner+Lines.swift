// Functions of all elements along some axes.
extension WorkspacePlanner {
  /// Plans a function of all elements along some axes that gives as many elements.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - axes: the axes, in ascending order.
  ///   - y: the results, in the order of `x`.
  ///   - cost: the cost of an element, in multiplications.
  ///   - body: replaces the elements along the axes, row-major; its second argument numbers the
  ///     positions on all other axes, row-major.
  mutating func transform(
    _ x: Value, along axes: [Int], into y: FloatBuffer, cost: Int,
    _ body: @escaping @Sendable (FloatBuffer, Int) -> Void
  ) {
    let (outer, inner) = x.divided(by: axes)
    let size = inner.count * inner.length
    let (source, isWhole) = (x.buffer, inner.count == 1 && inner.steps[0] == 1)
    let (length, steps, step) = (inner.length, outer.steps, inner.steps[0])
    act(
      over: outer, of: [y, source], cost: size * cost, scratch: isWhole ? 0 : size
    ) { start, count, memory in
      for index in 0..<count {
        let (from, number) = (start[1] + index * steps[1], start[2] + index * steps[2])
        guard !isWhole else {
          let line = y.part(from, size)
          line.copy(source.part(from, size))
          body(line, number)
          continue
        }
        let line = memory.part(0, size)
        var place = 0
        inner.forEach(0..<inner.count) { offsets in
          for i in 0..<length { line[place + i] = source[from + offsets[0] + i * step] }
          place += length
        }
        body(line, number)
        place = 0
        inner.forEach(0..<inner.count) { offsets in
          for i in 0..<length { y[from + offsets[0] + i * step] = line[place + i] }
          place += length
        }
      }
    }
  }
}

extension Workspace.Value {
  /// The lines along the other axes, and the lines along `axes`.
  ///
  /// The first have the offsets in this value twice, then the number of the position; the second
  /// have the offset in this value from there.
  func divided(by axes: [Int]) -> (outer: StridedLines, inner: StridedLines) {
    let strides = rowMajorStrides(shape)
    let kept = shape.indices.filter { !axes.contains($0) }
    let extents = kept.map { shape[$0] }
    let own = kept.map { strides[$0] }
    return (
      StridedLines(extents, [own, own, rowMajorStrides(extents)]),
      StridedLines(axes.map { shape[$0] }, [axes.map { strides[$0] }])
    )
  }
}
