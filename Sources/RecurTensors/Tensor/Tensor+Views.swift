extension Tensor {
  /// The view with its dimensions in reverse order; a matrix is transposed.
  public func transposed() -> Tensor { permuted(shape.indices.reversed()) }

  /// The view with its dimensions in another order.
  ///
  /// - Precondition: `order` holds every axis once.
  package func permuted(_ order: [Int]) -> Tensor {
    Tensor(
      elementType, order.map { shape[$0] }, order.map { strides[$0] }, bytes, start: start,
      location,
      stored: storedShape, join: join?.permuted(order)
    ).withRowMajorStridesIfJoined()
  }

  /// The part of the view whose index along `axis` is in `range`.
  ///
  /// - Precondition: `axis` exists and `range` lies within its extent.
  public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
    precondition(shape.indices.contains(axis))
    precondition(range.lowerBound >= 0 && range.upperBound <= shape[axis])
    if let join { return join.slice(axis: axis, range).view(at: location, stored: storedShape) }
    var shape = shape
    shape[axis] = range.count
    return Tensor(
      elementType, shape, strides, bytes, start: start + range.lowerBound * strides[axis], location,
      stored: storedShape)
  }

  /// The view at `index` along `axis`, without that dimension.
  ///
  /// - Precondition: `axis` exists and `index` lies within its extent.
  public func select(axis: Int, _ index: Int) -> Tensor {
    if let join { return join.select(axis: axis, index).view(at: location, stored: storedShape) }
    let part = slice(axis: axis, index..<index + 1)
    var shape = part.shape
    var strides = part.strides
    shape.remove(at: axis)
    strides.remove(at: axis)
    return Tensor(
      elementType, shape, strides, bytes, start: part.start, location, stored: storedShape)
  }

  /// The view with its first two dimensions exchanged: `[timesteps, batch, …]` and `[batch, timesteps, …]`.
  ///
  /// - Precondition: there are two dimensions.
  package func exchangingFirstAxes() -> Tensor { permuted([1, 0] + shape.indices.dropFirst(2)) }

  /// The view with its dimensions ordered by stride, the smallest stride last.
  ///
  /// The element order changes; reading in this order is the fastest.
  package func inStorageOrder() -> Tensor {
    guard join == nil else { return self }
    return permuted(
      shape.indices.sorted { (strides[$0], $1) > (strides[$1], $0) })
  }

  private func withRowMajorStridesIfJoined() -> Tensor {
    guard join != nil else { return self }
    return Tensor(
      elementType, shape, Self.rowMajorStrides(of: shape), bytes, start: start, location,
      stored: storedShape, join: join)
  }
}

/// The identity of a view: two views with equal identity show the same numbers in the same memory.
package struct TensorIdentity: Hashable, Sendable {
  private let storage: ObjectIdentifier
  private let range: Range<Int>
  private let start: Int
  private let shape: [Int]
  private let strides: [Int]
  private let elementType: ElementType

  /// The identity of a view; valid as long as the view lives.
  package init(_ tensor: Tensor) {
    storage = ObjectIdentifier(tensor.bytes.storage)
    range = tensor.bytes.range
    (start, shape, strides) = (tensor.start, tensor.shape, tensor.strides)
    elementType = tensor.elementType
  }
}
