package import RecurTensors

/// A message of Protocol Buffers that is written: fields in the order in which they are added.
///
/// Tensors stay views until the message is written, so a message is small whatever its size on disk.
/// Wire format: protobuf.dev/programming-guides/encoding.
package struct ProtobufMessage: Sendable {
  /// A part of a message.
  private enum Part: Sendable {
    case bytes([UInt8])
    case message(ProtobufMessage)
    case tensor(Tensor)
  }

  private var parts: [Part] = []
  /// The number of bytes that are written.
  package private(set) var byteCount = 0

  /// A message without fields.
  package init() {}

  /// Adds a whole number; negative numbers take ten bytes.
  package mutating func integer(_ field: Int, _ value: Int) {
    append(Self.varint(UInt64(field) << 3) + Self.varint(UInt64(bitPattern: Int64(value))))
  }

  /// Adds a number of 4 bytes.
  package mutating func float(_ field: Int, _ value: Float) {
    append(Self.varint(UInt64(field) << 3 | 5) + [value.bitPattern].littleEndianBytes)
  }

  /// Adds bytes.
  package mutating func bytes(_ field: Int, _ value: [UInt8]) {
    begin(field, value.count)
    append(value)
  }

  /// Adds a text.
  package mutating func text(_ field: Int, _ value: String) { bytes(field, Array(value.utf8)) }

  /// Adds whole numbers as one field, one after the other.
  package mutating func packed(_ field: Int, _ values: [Int]) {
    bytes(field, values.flatMap { Self.varint(UInt64(bitPattern: Int64($0))) })
  }

  /// Adds a message.
  package mutating func message(_ field: Int, _ value: ProtobufMessage) {
    begin(field, value.byteCount)
    parts.append(.message(value))
    byteCount += value.byteCount
  }

  /// Adds the elements of a tensor as bytes, row-major and little-endian.
  package mutating func elements(_ field: Int, _ tensor: Tensor) {
    begin(field, tensor.byteCount)
    parts.append(.tensor(tensor))
    byteCount += tensor.byteCount
  }

  /// The tag and the length of a field of bytes.
  private mutating func begin(_ field: Int, _ count: Int) {
    append(Self.varint(UInt64(field) << 3 | 2) + Self.varint(UInt64(count)))
  }

  private mutating func append(_ bytes: [UInt8]) {
    byteCount += bytes.count
    if case .bytes(let before)? = parts.last {
      parts[parts.count - 1] = .bytes(before + bytes)
    } else {
      parts.append(.bytes(bytes))
    }
  }

  /// A whole number, seven bits per byte, the lowest first.
  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes): (UInt64, [UInt8]) = (value, [])
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(truncatingIfNeeded: rest)]
  }
}

extension ProtobufMessage: ByteSource {
  package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    for part in parts {
      switch part {
      case .bytes(let bytes): try sink.write(bytes)
      case .message(let message): try message.write(to: &sink)
      case .tensor(let tensor): try tensor.write(to: &sink)
      }
    }
  }
}
