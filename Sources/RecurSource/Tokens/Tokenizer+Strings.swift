/// The letters in front of a string: `r`, `b`, `u`, `f` in any case and order.
struct StringPrefix {
  var isRaw = false
  var isBytes = false
  var isFormatted = false

  init() {}

  /// Nil when `text` is no prefix.
  init?(_ text: String) {
    guard text.utf8.count <= 2 else { return nil }
    for byte in text.utf8 {
      switch byte | 0x20 {
      case UInt8(ascii: "r"): isRaw = true
      case UInt8(ascii: "b"): isBytes = true
      case UInt8(ascii: "f"), UInt8(ascii: "t"): isFormatted = true
      case UInt8(ascii: "u"): break
      default: return nil
      }
    }
    guard !(isBytes && isFormatted) else { return nil }
  }
}

extension Tokenizer {
  /// Reads a string whose opening quote stands at the position.
  mutating func readString(from start: Int, prefix: StringPrefix) {
    let isRead = skipString(isFormatted: prefix.isFormatted, level: 0)
    if isRead {
      add(.string, from: start)
    } else {
      addProblem("a string that does not end", from: start)
    }
  }

  /// Moves behind the string that begins at the position; false when it does not end.
  private mutating func skipString(isFormatted: Bool, level: Int) -> Bool {
    guard level <= limits.formattedStrings else { return false }
    let quote = byte(0)
    let isLong = byte(1) == quote && byte(2) == quote
    let start = position
    position += isLong ? 3 : 1
    while position < end {
      let byte = text.bytes[position]
      if byte == UInt8(ascii: "\\") {
        position += 2
      } else if byte == quote, !isLong || (self.byte(1) == quote && self.byte(2) == quote) {
        position += isLong ? 3 : 1
        return true
      } else if byte == 0x0A, !isLong {
        break
      } else if isFormatted, byte == UInt8(ascii: "{"), self.byte(1) == byte {
        position += 2
      } else if isFormatted, byte == UInt8(ascii: "{") {
        position += 1
        guard skipField(level: level, quote: quote, isLong: isLong) else { break }
      } else {
        position += 1
      }
    }
    position = isLong ? end : min(max(position, start + 1), end)
    return false
  }

  /// Moves behind the `}` of a field of a formatted string.
  private mutating func skipField(level: Int, quote: UInt8, isLong: Bool) -> Bool {
    var depth = 0
    while position < end {
      let byte = text.bytes[position]
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        let isFormatted = isFormatPrefix(before: position)
        guard skipString(isFormatted: isFormatted, level: level + 1) else { return false }
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        position += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"):
        depth -= 1
        position += 1
      case UInt8(ascii: "}"):
        position += 1
        if depth <= 0 { return true }
        depth -= 1
      case UInt8(ascii: ":") where depth == 0:
        position += 1
        return skipFormat(level: level, quote: quote, isLong: isLong)
      case UInt8(ascii: "#") where isLong:
        while position < end, text.bytes[position] != 0x0A { position += 1 }
      default:
        position += 1
      }
    }
    return false
  }

  /// Moves behind the `}` that ends the format of a field.
  private mutating func skipFormat(level: Int, quote: UInt8, isLong: Bool) -> Bool {
    guard level <= limits.formattedStrings else { return false }
    while position < end {
      let byte = text.bytes[position]
      if byte == UInt8(ascii: "}") {
        position += 1
        return true
      }
      if byte == UInt8(ascii: "{") {
        position += 1
        guard skipField(level: level + 1, quote: quote, isLong: isLong) else { return false }
      } else if byte == quote, !isLong {
        return false
      } else {
        position += 1
      }
    }
    return false
  }

  private func isFormatPrefix(before position: Int) -> Bool {
    var start = position
    while start > 0, position - start < 3, CharacterClass.isNamePart(text.bytes[start - 1]) {
      start -= 1
    }
    guard start < position else { return false }
    let word = String(decoding: text.bytes[start..<position], as: UTF8.self)
    return StringPrefix(word)?.isFormatted == true
  }
}
