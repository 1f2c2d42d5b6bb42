/// A strided, read-only view of numbers at their place in the file, or several such views joined
/// along an axis.
///
/// Transposing, slicing, splitting and joining make new views and copy no numbers.
public struct Tensor: Sendable {
  /// The type of one element.
  public let elementType: ElementType
  /// Extent of each dimension, outermost first.
  public let shape: [Int]
  /// Distance between neighbours along each dimension, in elements; for joined views the strides of
  /// a contiguous copy.
  public let strides: [Int]
  /// The file, object and bytes that hold the numbers.
  ///
  /// Views keep it, so any later error can name the tensor.
  public let location: Diagnostic.Location
  /// The shape of the whole tensor in the file, of which this is a view.
  public let storedShape: [Int]
  /// The bytes that hold the elements of a view without `join`.
  let bytes: ByteRegion
  let start: Int
  /// The joined views; nil when this is a single view.
  let join: TensorJoin?

  /// A row-major view of all of `bytes`.
  ///
  /// - Throws: `tensor.bytes-mismatch` when `shape` is negative, overflows, or does not need
  ///   exactly `bytes`.
  public init(
    _ bytes: ByteRegion, _ elementType: ElementType, shape: [Int],
    at location: Diagnostic.Location = .init()
  ) throws(CheckpointError) {
    let place = location.bytes == nil ? bytes.location.inside(location) : location
    guard let needed = Self.byteCount(of: shape, elementType) else {
      throw CheckpointError(
        .tensorBytesMismatch, "shape \(shapeText(shape)) of \(elementType) is impossible",
        at: place)
    }
    guard needed == bytes.count else {
      throw CheckpointError(
        .tensorBytesMismatch,
        "shape \(shapeText(shape)) of \(elementType) needs \(needed) bytes, found \(bytes.count)",
        at: place, expected: "\(needed) bytes", found: "\(bytes.count) bytes")
    }
    self.init(
      elementType, shape, Self.rowMajorStrides(of: shape), bytes, start: 0, place, stored: shape)
  }

  /// A view of `bytes` with the given strides; its first element is at index `offset`, in elements.
  ///
  /// - Throws: `tensor.bytes-mismatch` when any element would lie outside `bytes`.
  package init(
    _ bytes: ByteRegion, _ elementType: ElementType, shape: [Int], strides: [Int], offset: Int,
    at location: Diagnostic.Location = .init()
  ) throws(CheckpointError) {
    let place = location.bytes == nil ? bytes.location.inside(location) : location
    guard shape.count == strides.count, Self.byteCount(of: shape, elementType) != nil,
      offset >= 0, strides.allSatisfy({ $0 >= 0 })
    else {
      throw CheckpointError(
        .tensorBytesMismatch,
        "shape \(shapeText(shape)) with strides \(shapeText(strides)) at offset \(offset) "
          + "is impossible", at: place)
    }
    if shape.contains(0) {
      // The view has no elements, so offset and strides do not matter.
      self.init(
        elementType, shape, Self.rowMajorStrides(of: shape), bytes, start: 0, place, stored: shape)
      return
    }
    let available = bytes.count / elementType.byteCount
    var last: Int? = offset
    for (extent, stride) in zip(shape, strides) {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowed) = (last ?? 0).addingReportingOverflow(reach)
      last = overflow || overflowed || last == nil ? nil : sum
    }
    guard let last, last < available else {
      throw CheckpointError(
        .tensorBytesMismatch,
        "shape \(shapeText(shape)) with strides \(shapeText(strides)) at offset \(offset) "
          + "reaches beyond the \(available) elements stored", at: place)
    }
    // A dimension of extent 1 is never stepped along, so its stride may have any value.
    let steps = zip(shape, strides).map { $0 == 1 ? 1 : $1 }
    self.init(elementType, shape, steps, bytes, start: offset, place, stored: shape)
  }

  init(
    _ elementType: ElementType, _ shape: [Int], _ strides: [Int], _ bytes: ByteRegion, start: Int,
    _ location: Diagnostic.Location, stored: [Int], join: TensorJoin? = nil
  ) {
    self.elementType = elementType
    self.shape = shape
    self.strides = strides
    self.bytes = bytes
    self.start = start
    self.location = location
    storedShape = stored
    self.join = join
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// The size of all elements in bytes, without gaps.
  public var byteCount: Int { count * elementType.byteCount }

  /// Whether the elements are contiguous in row-major order.
  package var isContiguous: Bool {
    guard count > 0 else { return true }
    guard join == nil else { return false }
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  /// The same view with `location` as its location.
  package func located(at location: Diagnostic.Location) -> Tensor {
    Tensor(
      elementType, shape, strides, bytes, start: start, location, stored: storedShape, join: join)
  }

  /// The bytes that `shape` needs, or nil when a dimension is negative or the product overflows.
  package static func byteCount(of shape: [Int], _ elementType: ElementType) -> Int? {
    var total = elementType.byteCount
    var isOverflowing = false
    for extent in shape {
      guard extent >= 0 else { return nil }
      // An absurd extent is refused even when another one is zero.
      let (product, overflow) = total.multipliedReportingOverflow(by: max(extent, 1))
      isOverflowing = isOverflowing || overflow
      total = product
    }
    guard !isOverflowing else { return nil }
    return shape.contains(0) ? 0 : total
  }

  static func rowMajorStrides(of shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    var elements = 1
    for axis in shape.indices.reversed() {
      strides[axis] = elements
      elements *= max(shape[axis], 1)
    }
    return strides
  }
}

extension Diagnostic.Location {
  /// This range of bytes as a location in the file and object of `outer`.
  package func inside(_ outer: Diagnostic.Location) -> Diagnostic.Location {
    .init(file: outer.file, object: outer.object, bytes: bytes)
  }
}
