package import RecurTensors

/// One NumPy array file (numpy.lib.format, versions 1.0 to 3.0).
package enum NPYFile {
  package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The array in `bytes`: a view, except for big-endian numbers, which are copied.
  ///
  /// - Throws: `npy.header.invalid`, `npy.dtype.unsupported`, `tensor.bytes-mismatch` when the
  ///   data is longer or shorter than the shape needs.
  package static func tensor(
    _ bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> Tensor {
    guard bytes.holds(magic) else {
      throw invalid("the magic number is missing", bytes.location(at: 0, length: 6))
    }
    let version = try bytes.byte(at: 6)
    let length: Int
    let start: Int
    guard try bytes.byte(at: 7) == 0 else {
      throw invalid("the minor version is not 0", bytes.location(at: 6, length: 2))
    }
    switch version {
    case 1:
      length = Int(try bytes.integer(UInt16.self, at: 8))
      start = 10
    case 2, 3:
      length = Int(try bytes.integer(UInt32.self, at: 8))
      start = 12
    default: throw invalid("version \(version) is unknown", bytes.location(at: 6, length: 2))
    }
    guard length <= min(limits.headerBytes, 65_536) else {
      throw invalid("the header has \(length) bytes, more than 65536", bytes.location)
    }
    let header = try bytes.slice(at: start, length: length)
    var parser = NPYHeader(header, maximumRank: limits.rank)
    try parser.read()
    let (type, isSwapped) = try elementType(parser.descriptor, header.location)
    var data = try bytes.suffix(from: start + length)
    if isSwapped { data = data.byteSwapped(width: type.byteCount) }
    guard parser.isFortranOrder else { return try Tensor(data, type, shape: parser.shape) }
    return try Tensor(data, type, shape: parser.shape.reversed()).transposed()
  }

  private static func elementType(
    _ descriptor: String, _ location: Diagnostic.Location
  ) throws(CheckpointError) -> (ElementType, isSwapped: Bool) {
    let type: ElementType? =
      switch descriptor.dropFirst() {
      case "f2": .float16
      case "f4": .float32
      case "f8": .float64
      case "i1": .int8
      case "i2": .int16
      case "i4": .int32
      case "i8": .int64
      case "u1": .uint8
      case "u2": .uint16
      case "u4": .uint32
      case "u8": .uint64
      case "b1": .bool
      default: nil
      }
    guard let type, let order = descriptor.first, "<>|=".contains(order) else {
      let why = descriptor.contains("O") ? "holds pickled objects, which are never loaded" : ""
      throw CheckpointError(
        .npyDtypeUnsupported,
        "dtype '\(descriptor)' \(why.isEmpty ? "is not a number type this reader knows" : why)",
        at: location, hint: "save the array as float32: np.save(file, array.astype('float32'))")
    }
    return (type, order == ">" && type.byteCount > 1)
  }

  /// The array as a version 1.0 file, row-major, data at a multiple of 64 bytes.
  ///
  /// - Throws: `npy.dtype.unsupported` for bfloat16.
  package static func bytes(of tensor: Tensor) throws(CheckpointError) -> [UInt8] {
    let descriptor =
      switch tensor.elementType {
      case .float16: "<f2"
      case .float32: "<f4"
      case .float64: "<f8"
      case .int8: "|i1"
      case .int16: "<i2"
      case .int32: "<i4"
      case .int64: "<i8"
      case .uint8: "|u1"
      case .uint16: "<u2"
      case .uint32: "<u4"
      case .uint64: "<u8"
      case .bool: "|b1"
      case .bfloat16:
        throw CheckpointError(
          .npyDtypeUnsupported, "NumPy has no bfloat16", at: tensor.location)
      }
    let shape = tensor.shape.map { "\($0)" }.joined(separator: ", ")
    var header =
      "{'descr': '\(descriptor)', 'fortran_order': False, "
      + "'shape': (\(shape)\(tensor.rank == 1 ? "," : "")), }"
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var sink = MemorySink()
    try sink.write(magic + [1, 0] + [UInt16(header.utf8.count)].littleEndianBytes)
    try sink.write(Array(header.utf8))
    try tensor.write(to: &sink)
    return sink.bytes
  }
}

/// The header: a Python dictionary literal with exactly `descr`, `fortran_order` and `shape`.
private struct NPYHeader {
  private let bytes: [UInt8]
  private let location: Diagnostic.Location
  private let maximumRank: Int
  private var position = 0
  private(set) var descriptor = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []

  init(_ region: ByteRegion, maximumRank: Int) {
    bytes = region.bytes()
    location = region.location
    self.maximumRank = maximumRank
  }

  mutating func read() throws(CheckpointError) {
    try expect("{")
    var seen: Set<String> = []
    while try !accept("}") {
      let key = try string()
      guard seen.insert(key).inserted else { throw invalid("'\(key)' appears twice", location) }
      try expect(":")
      switch key {
      case "descr": descriptor = try string()
      case "fortran_order": isFortranOrder = try boolean()
      case "shape": shape = try tuple()
      default: throw invalid("the key '\(key)' is unknown", location)
      }
      if try !accept(",") {
        try expect("}")
        break
      }
    }
    guard seen.count == 3 else {
      throw invalid("one of 'descr', 'fortran_order', 'shape' is missing", location)
    }
    skipBlanks()
    guard position == bytes.count else { throw invalid("text follows the dictionary", location) }
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x09, 0x0A].contains(bytes[position]) { position += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar) throws(CheckpointError) -> Bool {
    skipBlanks()
    guard position < bytes.count else { throw invalid("the header ends early", location) }
    guard bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
    guard try accept(character) else {
      throw invalid("'\(character)' is missing at offset \(position) of the header", location)
    }
  }

  private mutating func string() throws(CheckpointError) -> String {
    let isDouble = try accept("\"")
    if !isDouble { try expect("'") }
    let quote = UInt8(ascii: isDouble ? "\"" : "'")
    guard let end = bytes[position...].firstIndex(of: quote) else {
      throw invalid("a string has no end", location)
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(CheckpointError) -> Bool {
    skipBlanks()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw invalid("'fortran_order' is neither True nor False", location)
  }

  private mutating func tuple() throws(CheckpointError) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while try !accept(")") {
      let digits = bytes[position...].prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard let value = Int(String(decoding: digits, as: UTF8.self)), values.count < maximumRank
      else { throw invalid("'shape' is not a tuple of at most \(maximumRank) sizes", location) }
      position += digits.count
      values.append(value)
      // Python 2 wrote long integers as 3L.
      if position < bytes.count, bytes[position] == UInt8(ascii: "L") { position += 1 }
      if try !accept(",") {
        try expect(")")
        guard values.count > 1 else {
          throw invalid("'shape' is a number in brackets and no tuple", location)
        }
        break
      }
    }
    return values
  }
}

private func invalid(_ message: String, _ location: Diagnostic.Location) -> CheckpointError {
  CheckpointError(.npyHeaderInvalid, message, at: location)
}

extension Diagnostic.Code {
  package static let npyHeaderInvalid = Self(rawValue: "npy.header.invalid")
  package static let npyDtypeUnsupported = Self(rawValue: "npy.dtype.unsupported")
}
