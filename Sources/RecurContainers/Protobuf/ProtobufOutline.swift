package import RecurTensors

/// The fields of one message of Protocol Buffers, without what they mean
/// (protobuf.dev, "Encoding"): which numbers, of which wire types, and where.
package struct ProtobufOutline {
  /// What a field holds.
  package enum Value {
    case varint(UInt64)
    case bytes(ByteRegion)
    case fixed
  }

  /// The fields in order; those behind the bound are not there.
  package private(set) var fields: [(number: Int, value: Value)] = []
  /// Whether the bytes end where a field ends.
  package private(set) var isWhole = false

  /// Reads at most `bound` fields; nil when the bytes are no message.
  package init?(_ bytes: ByteRegion, bound: Int = 4_096) {
    var position = 0
    while position < bytes.count, fields.count < bound {
      guard let tag = Self.varint(bytes, &position), tag >> 3 > 0, tag >> 3 < 1 << 29 else {
        return nil
      }
      let number = Int(tag >> 3)
      switch tag & 7 {
      case 0:
        guard let value = Self.varint(bytes, &position) else { return nil }
        fields.append((number, .varint(value)))
      case 1, 5:
        position += tag & 7 == 1 ? 8 : 4
        fields.append((number, .fixed))
      case 2:
        guard let length = Self.varint(bytes, &position), let count = Int(exactly: length),
          let content = try? bytes.slice(at: position, length: count)
        else { return nil }
        position += count
        fields.append((number, .bytes(content)))
      default: return nil
      }
      guard position <= bytes.count else { return nil }
    }
    isWhole = position == bytes.count
  }

  /// Whether there is a field of this number that holds bytes.
  package func hasBytes(_ number: Int) -> Bool {
    fields.contains { field in
      if case .bytes = field.value { field.number == number } else { false }
    }
  }

  /// The first whole number of this field; nil when there is none.
  package func integer(_ number: Int) -> UInt64? {
    for field in fields where field.number == number {
      if case .varint(let value) = field.value { return value }
    }
    return nil
  }

  /// The first text of this field; nil when there is none.
  package func text(_ number: Int) -> String? {
    for field in fields where field.number == number {
      if case .bytes(let bytes) = field.value { return bytes.count < 4_096 ? bytes.text() : nil }
    }
    return nil
  }

  private static func varint(_ bytes: ByteRegion, _ position: inout Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard let byte = try? bytes.byte(at: position) else { return nil }
      position += 1
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}

extension ProtobufOutline {
  /// Whether the bytes begin as an ONNX `ModelProto` does: a version, and a graph among few fields.
  ///
  /// Field numbers are at most 30 (onnx/onnx.proto). The graph may reach beyond the end of a file that
  /// was cut.
  package static func beginsLikeModelWithGraph(_ bytes: ByteRegion) -> Bool {
    var (position, count) = (0, 0)
    while position < bytes.count, count < 4_096 {
      guard let tag = ProtobufReader.varint(bytes, &position), 1...30 ~= tag >> 3 else {
        return false
      }
      let number = tag >> 3
      guard count > 0 || tag == 0x08 else { return false }
      switch tag & 7 {
      case 0:
        guard let value = ProtobufReader.varint(bytes, &position),
          number != 1 || 1...100 ~= value
        else { return false }
      case 2:
        guard let length = ProtobufReader.varint(bytes, &position), let size = Int(exactly: length)
        else { return false }
        if number == 7 { return size > 0 }
        guard size <= bytes.count - position else { return false }
        position += size
      default: return false
      }
      count += 1
    }
    return false
  }
}
