/// Finds the end of the expression in a field of a formatted string.
struct FieldScanner {
  let bytes: [UInt8]
  var position: Int
  let end: Int

  /// Moves to the `}`, `!` or `:` that ends the expression, and returns its position.
  mutating func skipExpression() -> Int {
    var depth = 0
    while position < end {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        skipString(byte)
        continue
      case UInt8(ascii: "}"):
        if depth <= 0 { return position }
        depth -= 1
      case UInt8(ascii: ":") where depth == 0: return position
      case UInt8(ascii: "!") where depth == 0 && byteAhead != UInt8(ascii: "="): return position
      default: break
      }
      position += 1
    }
    return end
  }

  private var byteAhead: UInt8 { position + 1 < end ? bytes[position + 1] : 0 }

  private mutating func skipString(_ quote: UInt8) {
    let isLong = position + 2 < end && bytes[position + 1] == quote && bytes[position + 2] == quote
    position += isLong ? 3 : 1
    while position < end {
      if bytes[position] == UInt8(ascii: "\\") {
        position += 2
        continue
      }
      if bytes[position] == quote {
        let isEnd =
          !isLong
          || (position + 2 < end && bytes[position + 1] == quote && bytes[position + 2] == quote)
        if isEnd {
          position += isLong ? 3 : 1
          return
        }
      }
      position += 1
    }
  }
}
