import RecurTensors

extension HDF5Datatype {
  /// The type in words.
  package var description: String {
    switch kind {
    case .number(let type, let isBigEndian): isBigEndian ? "big-endian \(type)" : "\(type)"
    case .fixedString: "string[\(size)]"
    case .variableString: "string"
    case .opaque: "opaque[\(size)]"
    }
  }

  /// The element type of a tensor of these elements; opaque elements of two bytes are `uint16`.
  ///
  /// - Throws: `hdf5.datatype.unsupported` when they are no numbers.
  func elementType(
    at location: Diagnostic.Location
  ) throws(CheckpointError) -> (ElementType, isSwapped: Bool) {
    switch kind {
    case .number(let element, let isBigEndian): return (element, isBigEndian)
    case .opaque where size == 2: return (.uint16, false)
    case .fixedString, .variableString, .opaque:
      throw CheckpointError(
        .hdf5DatatypeUnsupported,
        "elements of \(size) bytes (\(description)) are not read", at: location)
    }
  }

  /// The elements in `bytes` as a tensor, put into this machine's byte order.
  ///
  /// - Throws: `hdf5.datatype.unsupported`, `tensor.bytes-mismatch`.
  func tensor(
    _ bytes: ByteRegion, shape: [Int], at location: Diagnostic.Location
  ) throws(CheckpointError) -> Tensor {
    let (type, isSwapped) = try elementType(at: location)
    return try Tensor(
      isSwapped ? bytes.byteSwapped(width: type.byteCount) : bytes, type, shape: shape,
      at: location)
  }
}
