import RecurTensors

/// Little-endian numbers and hexadecimal text as bytes.
enum Bytes {
  static func le16(_ value: Int) -> [UInt8] {
    [UInt16(truncatingIfNeeded: value)].littleEndianBytes
  }
  static func le32(_ value: Int) -> [UInt8] {
    [UInt32(truncatingIfNeeded: value)].littleEndianBytes
  }
  static func le64(_ value: Int) -> [UInt8] { [value].littleEndianBytes }

  /// The bytes that `text` spells, two digits each; blanks are skipped.
  static func hexadecimal(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] * 16 + digits[$0 + 1])
    }
  }

  /// `bytes` with `part` in place of as many bytes at `offset`.
  static func patched(_ bytes: [UInt8], at offset: Int, _ part: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes.replaceSubrange(offset..<offset + part.count, with: part)
    return bytes
  }

  /// The offset of the first `part` in `bytes` at or after `start`, or nil.
  static func offset(of part: [UInt8], in bytes: [UInt8], from start: Int = 0) -> Int? {
    guard start >= 0, start <= bytes.count - part.count else { return nil }
    return (start...bytes.count - part.count).first { bytes[$0...].starts(with: part) }
  }
}
