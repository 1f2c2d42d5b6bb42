package import RecurTensors

/// Reads a MessagePack file, which is one value (msgpack/msgpack, spec.md, "Formats").
///
/// Counts and lengths are compared with the bytes that are left before anything is allocated, and
/// values are counted, so that memory stays proportional to the file.
package struct MessagePackReader {
  private let bytes: ByteRegion
  private let limits: DecodeLimits
  private var position = 0
  private var valueCount = 0

  /// The value that `bytes` hold.
  ///
  /// - Throws: `msgpack.invalid`, `msgpack.duplicate-key`, `bytes.truncated`, `bytes.limit-exceeded`.
  package static func read(
    _ bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> MessagePackValue {
    var reader = MessagePackReader(bytes: bytes, limits: limits)
    let value = try reader.value(depth: 0)
    guard reader.position == bytes.count else {
      let rest = bytes.count - reader.position
      throw CheckpointError(
        .messagePackInvalid, "\(rest) bytes follow the value",
        at: bytes.location(at: reader.position, length: rest),
        reason: "something was appended to the file", hint: "fetch the file again")
    }
    return value
  }

  private init(bytes: ByteRegion, limits: DecodeLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  private mutating func value(depth: Int) throws(CheckpointError) -> MessagePackValue {
    let start = position
    guard depth <= limits.nesting else {
      throw exceeded("values are nested more than \(limits.nesting) deep", start)
    }
    valueCount += 1
    guard valueCount <= limits.jsonValues else {
      throw exceeded("the file holds more than \(limits.jsonValues) values", start)
    }
    let first = try unsigned(UInt8.self)
    switch first {
    case 0x00...0x7F: return .integer(Int(first))
    case 0x80...0x8F: return try map(Int(first & 0x0F), depth)
    case 0x90...0x9F: return try array(Int(first & 0x0F), depth)
    case 0xA0...0xBF: return .string(try text(Int(first & 0x1F)))
    case 0xC0: return .null
    case 0xC2: return .bool(false)
    case 0xC3: return .bool(true)
    case 0xC4, 0xC5, 0xC6: return .binary(try region(length(first - 0xC4)))
    case 0xC7, 0xC8, 0xC9: return try extended(length(first - 0xC7))
    case 0xCA: return .float(Double(Float(bitPattern: try unsigned(UInt32.self))))
    case 0xCB: return .float(Double(bitPattern: try unsigned(UInt64.self)))
    case 0xCC: return .integer(Int(try unsigned(UInt8.self)))
    case 0xCD: return .integer(Int(try unsigned(UInt16.self)))
    case 0xCE: return .integer(Int(try unsigned(UInt32.self)))
    case 0xCF:
      let number = try unsigned(UInt64.self)
      return Int(exactly: number).map { .integer($0) } ?? .unsigned(number)
    case 0xD0: return .integer(Int(Int8(bitPattern: try unsigned(UInt8.self))))
    case 0xD1: return .integer(Int(Int16(bitPattern: try unsigned(UInt16.self))))
    case 0xD2: return .integer(Int(Int32(bitPattern: try unsigned(UInt32.self))))
    case 0xD3: return .integer(Int(Int64(bitPattern: try unsigned(UInt64.self))))
    case 0xD4...0xD8: return try extended(1 << Int(first - 0xD4))
    case 0xD9, 0xDA, 0xDB: return .string(try text(length(first - 0xD9)))
    case 0xDC, 0xDD: return try array(length(first - 0xDB), depth)
    case 0xDE, 0xDF: return try map(length(first - 0xDD), depth)
    case 0xE0...0xFF: return .integer(Int(Int8(bitPattern: first)))
    default:
      throw CheckpointError(
        .messagePackInvalid, "byte \(first) begins no value",
        at: bytes.location(at: start, length: 1), reason: "the file is damaged, or no MessagePack")
    }
  }

  /// A length of 1, 2 or 4 bytes, for `size` 0, 1 or 2.
  private mutating func length(_ size: UInt8) throws(CheckpointError) -> Int {
    switch size {
    case 0: Int(try unsigned(UInt8.self))
    case 1: Int(try unsigned(UInt16.self))
    default: Int(try unsigned(UInt32.self))
    }
  }

  private mutating func array(_ count: Int, _ depth: Int) throws(CheckpointError)
    -> MessagePackValue
  {
    try checkFit(count)
    var elements: [MessagePackValue] = []
    for _ in 0..<count { elements.append(try value(depth: depth + 1)) }
    return .array(elements)
  }

  private mutating func map(_ count: Int, _ depth: Int) throws(CheckpointError) -> MessagePackValue
  {
    // A key and a value have at least one byte each.
    try checkFit(2 * count)
    var entries: [MessagePackValue.Entry] = []
    var keys: Set<Name> = []
    for _ in 0..<count {
      let start = position
      let key: String
      switch try value(depth: depth + 1) {
      case .string(let text): key = text
      case .integer(let number): key = "\(number)"
      case let other:
        throw CheckpointError(
          .messagePackInvalid, "a key of a map is \(other.kind), not a text",
          at: bytes.location(at: start, length: position - start))
      }
      guard keys.insert(Name(key)).inserted else {
        throw CheckpointError(
          .messagePackDuplicate, "the key '\(key)' occurs twice in one map",
          at: bytes.location(at: start, length: position - start))
      }
      entries.append(.init(key: key, value: try value(depth: depth + 1)))
    }
    return .map(entries)
  }

  private mutating func extended(_ length: Int) throws(CheckpointError) -> MessagePackValue {
    let type = Int8(bitPattern: try unsigned(UInt8.self))
    return .extended(type: type, try region(length))
  }

  private mutating func text(_ length: Int) throws(CheckpointError) -> String {
    let place = bytes.location(at: position, length: min(length, bytes.count - position))
    guard length <= limits.jsonBytes, let text = try region(length).text() else {
      throw CheckpointError(.messagePackInvalid, "a text is no UTF-8", at: place)
    }
    return text
  }

  private mutating func region(_ length: Int) throws(CheckpointError) -> ByteRegion {
    let region = try bytes.slice(at: position, length: length)
    position += length
    return region
  }

  /// Big-endian, as all numbers of the format.
  private mutating func unsigned<T: FixedWidthInteger & UnsignedInteger>(
    _ type: T.Type
  ) throws(CheckpointError) -> T {
    let number = try bytes.integer(type, at: position).byteSwapped
    position += T.bitWidth / 8
    return number
  }

  /// Refuses a count of elements that the bytes that are left can't hold.
  private func checkFit(_ count: Int) throws(CheckpointError) {
    guard count <= bytes.count - position else {
      throw CheckpointError(
        .bytesTruncated,
        "\(count) values are announced, and \(bytes.count - position) bytes are left",
        at: bytes.location(at: position, length: bytes.count - position),
        reason: "the file was cut short", hint: "fetch the file again")
    }
  }

  private func exceeded(_ message: String, _ offset: Int) -> CheckpointError {
    CheckpointError(
      .limitExceeded, message,
      at: bytes.location(at: offset, length: min(1, bytes.count - offset)))
  }
}

extension Diagnostic.Code {
  package static let messagePackInvalid = Self(rawValue: "msgpack.invalid")
  package static let messagePackDuplicate = Self(rawValue: "msgpack.duplicate-key")
}
