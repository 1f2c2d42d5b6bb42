/// Several views, concatenated along an axis.
struct TensorJoin: Sendable {
  /// At least one view.
  ///
  /// All views have the same type, rank and extents, except for the extent along `axis`.
  let parts: [Tensor]
  /// The axis of the concatenation.
  let axis: Int

  /// One view of all parts, with `location`; a single part stays a plain view.
  func view(at location: Diagnostic.Location, stored: [Int]) -> Tensor {
    let first = parts[0]
    guard parts.count > 1 else {
      return Tensor(
        first.elementType, first.shape, first.strides, first.bytes, start: first.start, location,
        stored: stored, join: first.join)
    }
    var shape = first.shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    return Tensor(
      first.elementType, shape, Tensor.rowMajorStrides(of: shape), first.bytes, start: 0, location,
      stored: stored, join: self)
  }

  /// The same join with the dimensions of every part in another order.
  func permuted(_ order: [Int]) -> TensorJoin {
    let position = order.firstIndex(of: axis) ?? axis
    return TensorJoin(parts: parts.map { $0.permuted(order) }, axis: position)
  }

  /// The part whose index along `other` is in `range`.
  func slice(axis other: Int, _ range: Range<Int>) -> TensorJoin {
    guard other == axis else {
      return TensorJoin(parts: parts.map { $0.slice(axis: other, range) }, axis: axis)
    }
    var start = 0
    var kept: [Tensor] = []
    for part in parts {
      let own = range.clamped(to: start..<start + part.shape[axis])
      if !own.isEmpty {
        kept.append(part.slice(axis: axis, own.lowerBound - start..<own.upperBound - start))
      }
      start += part.shape[axis]
    }
    return TensorJoin(parts: kept.isEmpty ? [parts[0].slice(axis: axis, 0..<0)] : kept, axis: axis)
  }

  /// The part at `index` along `other`, without that dimension.
  func select(axis other: Int, _ index: Int) -> TensorJoin {
    let part = slice(axis: other, index..<index + 1)
    return TensorJoin(
      parts: part.parts.map { $0.select(axis: other, 0) },
      axis: other == axis ? 0 : axis - (other < axis ? 1 : 0))
  }

  /// The same bits as another element type of the same size.
  func reinterpreted(as type: ElementType) -> TensorJoin {
    TensorJoin(parts: parts.map { $0.reinterpreted(as: type) }, axis: axis)
  }
}
