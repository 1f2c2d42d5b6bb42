import RecurTensors

extension HDF5Datatype {
  /// The type's description for messages.
  package var description: String {
    switch kind {
    case .number(let type, let isBigEndian): isBigEndian ? "big-endian \(type)" : "\(type)"
    case .fixedString: "string[\(size)]"
    case .variableString: "string"
    case .opaque: "opaque[\(size)]"
    }
  }

  /// The tensor element type for this datatype; opaque elements of two bytes are `uint16`.
  ///
  /// - Throws: `hdf5.datatype.unsupported` when the datatype is not numeric.
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

  /// A tensor of the elements in `bytes`, converted to this machine's byte order.
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
