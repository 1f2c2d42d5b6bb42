// Functions along one axis that give another number of elements.
extension WorkspacePlanner {
  /// Plans a function of the elements along an axis.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - axis: the axis.
  ///   - y: the results: the elements along the axis replaced by others.
  ///   - cost: the cost of an element, in multiplications.
  ///   - scratch: the size of further memory for `body`.
  ///   - body: writes the results of one line, its second argument; the third is its memory.
  mutating func mapLines(
    _ x: Value, axis: Int, into y: FloatBuffer, cost: Int = 2, scratch: Int = 0,
    _ body: @escaping @Sendable (FloatBuffer, FloatBuffer, FloatBuffer) -> Void
  ) {
    let (outer, extent) = (x.shape[..<axis].reduce(1, *), x.shape[axis])
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    let results = y.count / max(outer * inner, 1)
    let source = x.buffer
    share(
      outer * inner, products: max(x.buffer.count, y.count) * cost,
      in: memories(extent + results + scratch)
    ) { range, memory in
      let (line, target) = (memory.part(0, extent), memory.part(extent, results))
      let own = memory.part(extent + results, scratch)
      for number in range {
        guard inner > 1 else {
          body(
            source.part(number * extent, extent), y.part(number * results, results), own)
          continue
        }
        let (block, place) = number.quotientAndRemainder(dividingBy: inner)
        let (from, to) = (block * extent * inner + place, block * results * inner + place)
        for index in 0..<extent { line[index] = source[from + index * inner] }
        body(line, target, own)
        for index in 0..<results { y[to + index * inner] = target[index] }
      }
    }
  }

  /// Plans a choice of positions along an axis.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - axis: the axis.
  ///   - places: for each position of the output, the position of `x`; nil for `filling`.
  ///   - filling: the number where there is no position.
  ///   - y: the output.
  mutating func choose(
    _ x: Value, axis: Int, _ places: [Int?], filling: Float = 0, into y: FloatBuffer
  ) {
    let (outer, extent) = (x.shape[..<axis].reduce(1, *), x.shape[axis])
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    let source = x.buffer
    share(outer, products: y.count) { range, _ in
      for block in range {
        for (index, place) in places.enumerated() {
          let target = y.part((block * places.count + index) * inner, inner)
          if let place {
            target.copy(source.part((block * extent + place) * inner, inner))
          } else {
            target.fill(filling)
          }
        }
      }
    }
  }
}
