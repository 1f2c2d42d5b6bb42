extension Tensor {
  /// The same numbers stored as `type`, each rounded once to nearest, ties to even.
  ///
  /// Numbers beyond the range of `type` become infinite.
  ///
  /// - Precondition: `type` is a floating-point type.
  /// - Throws: nothing that a valid tensor could cause.
  package func rounded(to type: ElementType) throws(CheckpointError) -> Tensor {
    guard type != elementType else { return self }
    // A transposed matrix stays a transposed view, so that later code can recognize it.
    if rank == 2, strides[1] != 1, transposed().isContiguous {
      return try transposed().rounded(to: type).transposed()
    }
    return try Tensor.rounding(doubles(), to: type, shape: shape, at: location, stored: storedShape)
  }

  /// A tensor with this tensor's shape, location and type and with other numbers, in row-major
  /// order; each number is rounded once to the type.
  ///
  /// - Throws: `tensor.bytes-mismatch` when the element count of the shape is not that of `values`.
  package func replacingNumbers(_ values: [Double]) throws(CheckpointError) -> Tensor {
    try Tensor.rounding(
      values, to: elementType.isFloatingPoint ? elementType : .float32, shape: shape, at: location,
      stored: storedShape)
  }

  private static func rounding(
    _ values: [Double], to type: ElementType, shape: [Int], at location: Diagnostic.Location,
    stored: [Int]
  ) throws(CheckpointError) -> Tensor {
    let bytes = ByteRegion(ByteStorage(copying: type.bytes(rounding: values)))
    let tensor = try Tensor(bytes, type, shape: shape, at: location.inMemory)
    return Tensor(
      type, shape, tensor.strides, tensor.bytes, start: tensor.start, tensor.location,
      stored: stored)
  }

  /// A tensor of `values` in row-major order, each rounded once to `type`, a floating-point type.
  package static func rounded(
    _ values: [Double], shape: [Int], _ type: ElementType, at location: Diagnostic.Location
  ) throws(CheckpointError) -> Tensor {
    let stored: ElementType = type.isFloatingPoint ? type : .float32
    return try Tensor(
      ByteRegion(ByteStorage(copying: stored.bytes(rounding: values))), stored, shape: shape,
      at: location.inMemory)
  }
}
