/// A string token: its prefix and what stands between its quotes.
struct StringLiteral {
  let prefix: StringPrefix
  /// The text between the quotes.
  let body: Range<Int>

  init(_ bytes: [UInt8], _ span: SourceSpan) {
    var start = Int(span.start)
    let end = Int(span.end)
    let letters = bytes[start..<end].prefix { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\"") }
    prefix = StringPrefix(String(decoding: letters, as: UTF8.self)) ?? StringPrefix()
    start += letters.count
    let quote = start < end ? bytes[start] : 0
    let isLong =
      start + 5 < end && bytes[start + 1] == quote && bytes[start + 2] == quote
    let width = isLong ? 3 : 1
    let first = min(start + width, end)
    body = first..<max(first, end - width)
  }

  /// The characters in `range`, with escapes replaced; nil when one is given by a name
  /// that Unicode does not have.
  func stringValue(_ bytes: [UInt8], _ range: Range<Int>) -> String? {
    let raw = bytes[range]
    let isPlain =
      (prefix.isRaw || !raw.contains(UInt8(ascii: "\\"))) && !raw.contains(0x0D)
    if isPlain { return String(decoding: raw, as: UTF8.self) }
    var result: [UInt8] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = bytes[position]
      if byte == 0x0D {
        result.append(0x0A)
        position += 1
        if position < range.upperBound, bytes[position] == 0x0A { position += 1 }
      } else if byte != UInt8(ascii: "\\") || prefix.isRaw {
        result.append(byte)
        position += 1
      } else {
        position += 1
        guard var scalar = escape(bytes, &position, before: range.upperBound, into: &result) else {
          continue
        }
        if scalar == Self.named {
          let rest = bytes[position..<range.upperBound]
          guard let close = rest.firstIndex(of: UInt8(ascii: "}")), rest.count > 1,
            let named = Self.byName[
              String(decoding: rest[..<close].dropFirst(), as: UTF8.self).uppercased()]
          else { return nil }
          scalar = named
          position = close + 1
        }
        let character = Unicode.Scalar(scalar) ?? "\u{FFFD}"
        result += Array(String(Character(character)).utf8)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes of a bytes literal.
  func bytesValue(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var position = body.lowerBound
    while position < body.upperBound {
      let byte = bytes[position]
      position += 1
      if byte != UInt8(ascii: "\\") || prefix.isRaw {
        result.append(byte)
      } else if let scalar = escape(bytes, &position, before: body.upperBound, into: &result) {
        result.append(UInt8(truncatingIfNeeded: scalar))
      }
    }
    return result
  }

  /// Stands for `\N{…}`.
  private static let named = UInt32.max

  private static let byName: [String: UInt32] = {
    var result: [String: UInt32] = [:]
    for value in 0..<UInt32(0x2_0000) {
      if let name = Unicode.Scalar(value)?.properties.name { result[name] = value }
    }
    return result
  }()

  /// Reads the escape whose letter stands at `position`: a character, or nil when what belongs in
  /// the result was appended.
  private func escape(
    _ bytes: [UInt8], _ position: inout Int, before end: Int, into result: inout [UInt8]
  ) -> UInt32? {
    guard position < end else {
      result.append(UInt8(ascii: "\\"))
      return nil
    }
    let letter = bytes[position]
    position += 1
    switch letter {
    case 0x0A: return nil
    case 0x0D:
      if position < end, bytes[position] == 0x0A { position += 1 }
      return nil
    case 0x30...0x37:
      var value = UInt32(letter - 0x30)
      for _ in 0..<2 where position < end && bytes[position] >= 0x30 && bytes[position] <= 0x37 {
        value = value * 8 + UInt32(bytes[position] - 0x30)
        position += 1
      }
      return value
    case UInt8(ascii: "x"): return hexadecimal(bytes, &position, before: end, digits: 2)
    case UInt8(ascii: "u") where !prefix.isBytes:
      return hexadecimal(bytes, &position, before: end, digits: 4)
    case UInt8(ascii: "U") where !prefix.isBytes:
      return hexadecimal(bytes, &position, before: end, digits: 8)
    case UInt8(ascii: "N") where !prefix.isBytes: return Self.named
    default:
      if let value = Self.letters[letter] { return value }
      result += [UInt8(ascii: "\\"), letter]
      return nil
    }
  }

  private static let letters: [UInt8: UInt32] = [
    UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "\\"): 92,
    UInt8(ascii: "'"): 39, UInt8(ascii: "\""): 34, UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8,
    UInt8(ascii: "f"): 12, UInt8(ascii: "v"): 11,
  ]

  private func hexadecimal(
    _ bytes: [UInt8], _ position: inout Int, before end: Int, digits: Int
  ) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard position < end, let digit = CharacterClass.hexadecimal(bytes[position]) else { break }
      value = value << 4 | digit
      position += 1
    }
    return value
  }
}
