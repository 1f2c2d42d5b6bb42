package import RecurTensors

/// The fields of one message of Protocol Buffers, one after the other (protobuf.dev, "Encoding").
///
/// Nothing is copied: what a field holds is a part of the message. A message in a message is read
/// when it is asked for, so that nesting is bounded by the code that knows what the messages mean.
package struct ProtobufReader {
  /// One field.
  package struct Field {
    /// The number by which the schema names the field.
    package let number: Int
    /// What it holds.
    package let content: Content
    /// Where the content is.
    package let location: Diagnostic.Location
  }

  /// What a field holds, by wire type.
  package enum Content {
    /// A whole number, a Boolean, or the number of an enumeration.
    case varint(UInt64)
    /// 4 or 8 bytes.
    case fixed(ByteRegion)
    /// A text, bytes, a message, or packed numbers.
    case bytes(ByteRegion)
  }

  private let message: ByteRegion
  private var position = 0

  /// Reads the bytes of one message.
  package init(_ message: ByteRegion) { self.message = message }

  /// The next field; nil at the end.
  ///
  /// - Throws: `protobuf.invalid`.
  package mutating func next() throws(CheckpointError) -> Field? {
    guard position < message.count else { return nil }
    let start = position
    let tag = try varint()
    let number = tag >> 3
    guard number > 0, number < 1 << 29 else {
      throw invalid("a field has the number \(number)", at: start)
    }
    let content: Content
    var (first, length) = (position, 0)
    switch tag & 7 {
    case 0:
      content = .varint(try varint())
      length = position - first
    case 1, 5:
      length = tag & 7 == 1 ? 8 : 4
      content = .fixed(try part(length, start))
    case 2:
      let count = try varint()
      first = position
      guard let known = Int(exactly: count) else {
        throw invalid("field \(number) has \(count) bytes", at: start)
      }
      length = known
      content = .bytes(try part(known, start))
    default: throw invalid("field \(number) has the wire type \(tag & 7)", at: start)
    }
    return Field(
      number: Int(number), content: content, location: message.location(at: first, length: length))
  }

  private mutating func part(_ length: Int, _ start: Int) throws(CheckpointError) -> ByteRegion {
    guard length <= message.count - position else {
      throw invalid(
        "a field needs \(length) bytes, but only \(message.count - position) are left", at: start)
    }
    defer { position += length }
    return try message.slice(at: position, length: length)
  }

  private mutating func varint() throws(CheckpointError) -> UInt64 {
    let start = position
    guard let value = Self.varint(message, &position) else {
      throw invalid("a number ends in the middle or has more than 64 bits", at: start)
    }
    return value
  }

  private func invalid(_ reason: String, at position: Int) -> CheckpointError {
    CheckpointError(
      .protobufInvalid, "these bytes are no message of Protocol Buffers: \(reason)",
      at: message.location(at: position, length: 1))
  }

  /// The whole number at a position, which moves behind it; nil for none.
  static func varint(_ bytes: ByteRegion, _ position: inout Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = try? bytes.byte(at: position) else { return nil }
      position += 1
      // The tenth byte holds the 64th bit alone.
      guard shift < 63 || byte & 0x7F <= 1 else { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}

extension ProtobufReader.Field {
  /// The error of a field that holds something else than the schema says.
  package func mismatch(_ expected: String) -> CheckpointError {
    CheckpointError(
      .protobufInvalid, "field \(number) of a message holds no \(expected)", at: location,
      expected: expected)
  }

  /// The content as a signed whole number.
  ///
  /// - Throws: `protobuf.invalid`, as do the others.
  package func integer() throws(CheckpointError) -> Int {
    guard case .varint(let value) = content else { throw mismatch("whole number") }
    return Int(truncatingIfNeeded: value)
  }

  /// The bytes.
  package func bytes() throws(CheckpointError) -> ByteRegion {
    guard case .bytes(let bytes) = content else { throw mismatch("bytes") }
    return bytes
  }

  /// The text, of at most `limit` bytes.
  package func text(limit: Int = 4_096) throws(CheckpointError) -> String {
    let bytes = try bytes()
    guard bytes.count <= limit, let text = bytes.text() else {
      throw mismatch("text of at most \(limit) bytes of UTF-8")
    }
    return text
  }

  /// A number of 4 bytes.
  package func float() throws(CheckpointError) -> Double {
    guard case .fixed(let bytes) = content, bytes.count == 4 else { throw mismatch("float") }
    return Double(Float(bitPattern: try bytes.integer(UInt32.self, at: 0)))
  }

  /// The whole numbers of a field of many: one, or several that are packed.
  package func integers(
    _ body: (Int) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    switch content {
    case .varint(let value): try body(Int(truncatingIfNeeded: value))
    case .bytes(let packed):
      var position = 0
      while position < packed.count {
        guard let value = ProtobufReader.varint(packed, &position) else {
          throw mismatch("packed whole numbers")
        }
        try body(Int(truncatingIfNeeded: value))
      }
    case .fixed: throw mismatch("whole numbers")
    }
  }

  /// The bytes of numbers of `width` bytes in a field of many: one, or several that are packed.
  package func fixedNumbers(width: Int) throws(CheckpointError) -> ByteRegion {
    switch content {
    case .fixed(let bytes) where bytes.count == width: return bytes
    case .bytes(let packed) where packed.count % width == 0: return packed
    default: throw mismatch("numbers of \(width) bytes")
    }
  }
}

extension Diagnostic.Code {
  /// Bytes that are no message of Protocol Buffers, or not the one that the schema has.
  package static let protobufInvalid = Self(rawValue: "protobuf.invalid")
}

extension ProtobufReader {
  /// The last bytes of this number in a message; nil for none.
  package static func field(
    _ number: Int, of message: ByteRegion?
  ) throws(CheckpointError) -> ByteRegion? {
    guard let message else { return nil }
    var (found, reader) = (ByteRegion?.none, ProtobufReader(message))
    while let field = try reader.next() {
      if field.number == number { found = try field.bytes() }
    }
    return found
  }
}
