extension Tensor {
  /// The bytes of every element in row-major order: a view when they are in that order already,
  /// else a copy.
  package func rowMajorBytes() throws(CheckpointError) -> ByteRegion {
    guard count > 0 else { return try bytes.slice(at: 0, length: 0) }
    if isContiguous {
      let width = elementType.byteCount
      return try bytes.slice(at: start * width, length: count * width)
    }
    return settledBytes()
  }

  /// The same elements, contiguous and in row-major order; a copy only if this view is not
  /// contiguous.
  package func contiguous() throws(CheckpointError) -> Tensor {
    try isContiguous ? self : Tensor(rowMajorBytes(), elementType, shape: shape, at: location)
  }

  /// The same elements in row-major order with another shape of the same element count; a copy only
  /// if this view is not contiguous.
  ///
  /// - Throws: `tensor.bytes-mismatch` when the element counts of the shapes differ.
  package func reshaped(_ shape: [Int]) throws(CheckpointError) -> Tensor {
    let rows = try contiguous()
    let tensor = try Tensor(rows.rowMajorBytes(), elementType, shape: shape, at: location)
    return Tensor(
      elementType, shape, tensor.strides, tensor.bytes, start: tensor.start, location,
      stored: storedShape)
  }

  /// The tensors `parts` concatenated along `axis`, bit for bit: a copy of small tensors, a view of
  /// large ones.
  ///
  /// - Throws: `tensor.shape-mismatch` when the tensors differ in type, rank or another extent.
  package static func concatenated(
    _ parts: [Tensor], axis: Int
  ) throws(CheckpointError) -> Tensor {
    let whole = try joined(parts, axis: axis)
    guard whole.byteCount <= ByteBlock.copyingByteCount else { return whole }
    return try Tensor(
      whole.rowMajorBytes(), whole.elementType, shape: whole.shape, at: whole.location)
  }

  /// The tensors `parts` concatenated along `axis`, as one view.
  ///
  /// - Precondition: `parts` is not empty, and its tensors have the axis.
  /// - Throws: `tensor.shape-mismatch` when the tensors differ in type, rank or another extent.
  package static func joined(_ parts: [Tensor], axis: Int) throws(CheckpointError) -> Tensor {
    precondition(!parts.isEmpty && axis < parts[0].rank)
    let first = parts[0]
    for part in parts {
      var other = part.shape
      guard part.elementType == first.elementType, part.rank == first.rank else {
        throw mismatch(first, part, axis)
      }
      other[axis] = first.shape[axis]
      guard other == first.shape else { throw mismatch(first, part, axis) }
    }
    let location = first.location.inMemory
    let shape = TensorJoin(parts: parts, axis: axis).view(at: location, stored: []).shape
    return TensorJoin(parts: parts, axis: axis).view(at: location, stored: shape)
  }

  private static func mismatch(_ a: Tensor, _ b: Tensor, _ axis: Int) -> CheckpointError {
    CheckpointError(
      .tensorShapeMismatch,
      "\(shapeText(a.shape)) of \(a.elementType) and \(shapeText(b.shape)) of \(b.elementType) "
        + "can't be joined along axis \(axis)", at: b.location)
  }

  /// A tensor of `shape` that is zero everywhere.
  package static func zeros(
    _ elementType: ElementType, shape: [Int]
  ) throws(CheckpointError) -> Tensor {
    let count = byteCount(of: shape, elementType) ?? 0
    return try Tensor(
      ByteRegion(ByteStorage(copying: [UInt8](repeating: 0, count: count))), elementType,
      shape: shape)
  }

  /// The same bits as another element type of the same size: bfloat16 that was stored as opaque.
  package func reinterpreted(as type: ElementType) -> Tensor {
    precondition(type.byteCount == elementType.byteCount)
    return Tensor(
      type, shape, strides, bytes, start: start, location, stored: storedShape,
      join: join?.reinterpreted(as: type))
  }
}

extension Diagnostic.Location {
  /// The file and object without a byte range: numbers made in memory have no bytes in a file.
  package var inMemory: Diagnostic.Location { .init(file: file, object: object) }
}
