extension Tensor {
  /// The view with its dimensions in reverse order; a matrix is transposed.
  public func transposed() -> Tensor {
    Tensor(
      elementType, shape.reversed(), strides.reversed(), bytes, start: start, location,
      stored: storedShape)
  }

  /// The part of the view whose index along `axis` is in `range`.
  ///
  /// - Precondition: `axis` exists and `range` lies within its extent.
  public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
    precondition(shape.indices.contains(axis))
    precondition(range.lowerBound >= 0 && range.upperBound <= shape[axis])
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
  package func exchangingFirstAxes() -> Tensor {
    var (shape, strides) = (shape, strides)
    shape.swapAt(0, 1)
    strides.swapAt(0, 1)
    return Tensor(
      elementType, shape, strides, bytes, start: start, location, stored: storedShape)
  }
}

/// What tells a view from others: equal values show the same numbers in the same memory.
package struct TensorIdentity: Hashable, Sendable {
  private let storage: ObjectIdentifier
  private let range: Range<Int>
  private let start: Int
  private let shape: [Int]
  private let strides: [Int]
  private let elementType: ElementType

  /// The identity of a view, good for as long as the view lives.
  package init(_ tensor: Tensor) {
    storage = ObjectIdentifier(tensor.bytes.storage)
    range = tensor.bytes.range
    (start, shape, strides) = (tensor.start, tensor.shape, tensor.strides)
    elementType = tensor.elementType
  }
}
