import RecurFormats
import RecurTensors

/// torch's names for element types.
enum TorchTypes {
  private static func stored(_ name: String) -> ElementType? {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    return isUntyped(name) ? .uint8 : PyTorchReader.storageTypes["torch." + last]
  }

  /// The second names of `torch.dtype` objects (torch/_tensor_docs.py).
  private static let aliases: [String: ElementType] = [
    "float": .float32, "double": .float64, "half": .float16, "long": .int64, "int": .int32,
    "short": .int16, "cfloat": .complex64, "cdouble": .complex128,
  ]

  /// Numbers of `ScalarType` in exported programs (torch/_export/serde/schema.py).
  private static let scalarTypes: [Int: String] = [
    1: "uint8", 2: "int8", 3: "int16", 4: "int32", 5: "int64", 6: "float16", 7: "float32",
    8: "float64", 9: "complex32", 10: "complex64", 11: "complex128", 12: "bool", 13: "bfloat16",
    28: "uint16", 29: "float8_e4m3fn", 30: "float8_e5m2", 31: "float8_e4m3fnuz",
    32: "float8_e5m2fnuz", 33: "float8_e8m0fnu", 34: "uint32", 35: "uint64",
  ]

  /// The element type of a storage class, such as `torch.FloatStorage` or
  /// `torch.cuda.FloatStorage`.
  ///
  /// - Throws: `tensor.dtype-unsupported` for quantized and unknown storage classes.
  static func elementType(
    ofStorage name: String, at place: Diagnostic.Location
  ) throws(CheckpointError) -> ElementType {
    if let type = stored(name) { return type }
    throw unsupported("storages of type '\(name)'", place)
  }

  /// The element size of a storage class, including classes whose tensors are not read.
  ///
  /// - Throws: `tensor.dtype-unsupported` for unknown storage classes.
  static func storedWidth(
    _ name: String, at place: Diagnostic.Location
  ) throws(CheckpointError) -> Int {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    if let type = stored(name) { return type.byteCount }
    if let width = unreadWidths[last] { return width }
    throw unsupported("storages of type '\(name)'", place)
  }

  private static let unreadWidths = [
    "QInt8Storage": 1, "QUInt8Storage": 1,
    "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
  ]

  private static let quantized: [String: ElementType] = [
    "QInt8Storage": .int8, "QUInt8Storage": .uint8, "QInt32Storage": .int32,
  ]

  /// The integers that stand in a storage of quantized numbers.
  ///
  /// - Throws: `tensor.dtype-unsupported` for those of less than a byte, and for other storages.
  static func elementType(
    ofQuantizedStorage name: String, at place: Diagnostic.Location
  ) throws(CheckpointError) -> ElementType {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    if let type = quantized[last] { return type }
    throw unsupported("quantized storages of type '\(name)'", place)
  }

  /// Whether the storage counts bytes and leaves their meaning to the tensor.
  static func isUntyped(_ name: String) -> Bool { name.hasSuffix("UntypedStorage") }

  /// The element type with the global name `torch.NAME`.
  ///
  /// - Throws: `tensor.dtype-unsupported` for quantized and unknown types.
  static func elementType(
    named name: String, at place: Diagnostic.Location
  ) throws(CheckpointError) -> ElementType {
    if name.hasPrefix("torch.") {
      let last = String(name.dropFirst("torch.".count))
      if let type = ElementType(rawValue: last) ?? aliases[last] { return type }
    }
    throw unsupported("elements of type '\(name)'", place)
  }

  /// The type with this number in an exported program.
  ///
  /// - Throws: `tensor.dtype-unsupported`.
  static func elementType(
    number: Int, at place: Diagnostic.Location
  ) throws(CheckpointError) -> ElementType {
    try elementType(named: "torch." + (scalarTypes[number] ?? "dtype number \(number)"), at: place)
  }

  private static func unsupported(
    _ what: String, _ place: Diagnostic.Location
  ) -> CheckpointError {
    CheckpointError(
      .tensorDtypeUnsupported, "\(what) are not read", at: place,
      hint: "convert the tensor before saving it: tensor.to(torch.float32)")
  }
}
