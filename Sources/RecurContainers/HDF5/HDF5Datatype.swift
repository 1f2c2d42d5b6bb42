package import RecurTensors

/// A datatype message (specification IV.A.2.d): the type of one element.
package struct HDF5Datatype: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case number(ElementType, isBigEndian: Bool)
    /// Strings of fixed length, padded with zeros or blanks, or ended by a zero.
    case fixedString(isBlankPadded: Bool)
    /// Strings of variable length, stored in a global heap.
    case variableString
    /// Bytes without a declared meaning. h5py stores bfloat16 as opaque elements.
    case opaque
  }

  package let kind: Kind
  /// The size of one element in bytes.
  package let size: Int

  init(_ message: ByteRegion) throws(CheckpointError) {
    let classAndVersion = try message.byte(at: 0)
    // Versions 4 and 5 added classes and left the older classes unchanged.
    guard (1...5).contains(classAndVersion >> 4) else {
      throw CheckpointError(
        .hdf5DatatypeUnsupported, "a datatype of version \(classAndVersion >> 4) is unknown",
        at: message.location, expected: "version 1 to 5", found: "version \(classAndVersion >> 4)")
    }
    let bits = (try message.byte(at: 1), try message.byte(at: 2))
    size = Int(try message.integer(UInt32.self, at: 4))
    guard size > 0 else {
      throw CheckpointError(
        .hdf5DatatypeUnsupported, "elements of no bytes", at: message.location)
    }
    switch classAndVersion & 0xF {
    case 0: kind = try Self.integer(message, bits.0, size)
    case 1: kind = try Self.float(message, bits.0, size)
    case 3: kind = .fixedString(isBlankPadded: bits.0 & 0xF == 2)
    case 5: kind = .opaque
    case 8: kind = try Self.boolean(message, bits, size)
    case 9 where bits.0 & 0xF == 1 && size == 16: kind = .variableString
    default: throw Self.unsupported(classAndVersion & 0xF, message)
    }
  }

  private static func integer(
    _ message: ByteRegion, _ bits: UInt8, _ size: Int
  ) throws(CheckpointError) -> Kind {
    let isSigned = bits & 8 != 0
    let offset = try message.integer(UInt16.self, at: 8)
    let precision = Int(try message.integer(UInt16.self, at: 10))
    let type: ElementType? =
      switch (size, isSigned) {
      case (1, true): .int8
      case (2, true): .int16
      case (4, true): .int32
      case (8, true): .int64
      case (1, false): .uint8
      case (2, false): .uint16
      case (4, false): .uint32
      case (8, false): .uint64
      default: nil
      }
    guard let type, offset == 0, precision == 8 * size else { throw unsupported(0, message) }
    return .number(type, isBigEndian: bits & 1 != 0 && size > 1)
  }

  private static func float(
    _ message: ByteRegion, _ bits: UInt8, _ size: Int
  ) throws(CheckpointError) -> Kind {
    var properties: [UInt8] = []
    for offset in [2, 12, 13, 14, 15] { properties.append(try message.byte(at: offset)) }
    let bias = try message.integer(UInt32.self, at: 16)
    let offset = try message.integer(UInt16.self, at: 8)
    let precision = Int(try message.integer(UInt16.self, at: 10))
    // Sign position, exponent position and size, mantissa position and size; then the bias.
    let type: ElementType? =
      switch (properties, bias) {
      case ([15, 10, 5, 0, 10], 15): .float16
      case ([15, 7, 8, 0, 7], 127): .bfloat16
      case ([31, 23, 8, 0, 23], 127): .float32
      case ([63, 52, 11, 0, 52], 1023): .float64
      default: nil
      }
    guard let type, type.byteCount == size, offset == 0, precision == 8 * size, bits & 0x40 == 0
    else { throw unsupported(1, message) }
    return .number(type, isBigEndian: bits & 1 != 0)
  }

  /// h5py's bool: an enumeration of one byte with the members FALSE = 0 and TRUE = 1.
  private static func boolean(
    _ message: ByteRegion, _ bits: (UInt8, UInt8), _ size: Int
  ) throws(CheckpointError) -> Kind {
    // The base type takes 12 bytes; then the names, padded to 8 before version 3; then the values.
    let version = try message.byte(at: 0) >> 4
    let names = version < 3 ? ["FALSE\0\0\0", "TRUE\0\0\0\0"] : ["FALSE\0", "TRUE\0"]
    let text = Array(names.joined().utf8)
    guard size == 1, bits.0 == 2, bits.1 == 0, message.holds(text, at: 20),
      message.holds([0, 1], at: 20 + text.count)
    else { throw unsupported(8, message) }
    return .number(.bool, isBigEndian: false)
  }

  private static func unsupported(_ number: UInt8, _ message: ByteRegion) -> CheckpointError {
    let names = [
      "integer", "floating point", "time", "string", "bit field", "opaque", "compound",
      "reference", "enumeration", "variable length", "array", "complex",
    ]
    let name = names.indices.contains(Int(number)) ? names[Int(number)] : "unknown"
    return CheckpointError(
      .hdf5DatatypeUnsupported,
      "elements of class \(number) (\(name)) in this form are not read", at: message.location,
      hint: "with h5py: a = f['x'][...]; del f['x']; f['x'] = a.astype('float32')")
  }
}

extension Diagnostic.Code {
  package static let hdf5DatatypeUnsupported = Self(rawValue: "hdf5.datatype.unsupported")
}
