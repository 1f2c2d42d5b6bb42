package import RecurTensors

/// Parses JSON text (RFC 8259), with positions in its errors and limits on its size.
///
/// Duplicate names are refused, because two readers would choose different ones.
package struct JSONParser {
  private let bytes: [UInt8]
  private let region: ByteRegion
  private let limits: DecodeLimits
  private let allowsPythonNumbers: Bool
  private var position = 0
  private var depth = 0
  private var count = 0

  /// The JSON value in `region`, which must hold nothing else.
  ///
  /// With `allowsPythonNumbers`, `NaN`, `Infinity` and `-Infinity` are numbers too, as in the
  /// output of Python's json module.
  ///
  /// - Throws: `json.syntax`, `json.duplicate-key`, `json.depth`, `bytes.limit-exceeded`.
  package static func parse(
    _ region: ByteRegion, allowsPythonNumbers: Bool = false, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> JSONValue {
    guard region.count <= limits.jsonBytes else {
      throw CheckpointError(
        .limitExceeded,
        "JSON of \(region.count) bytes; at most \(limits.jsonBytes) are read", at: region.location)
    }
    var parser = JSONParser(region, allowsPythonNumbers, limits)
    parser.skipBlanks()
    let value = try parser.value()
    parser.skipBlanks()
    guard parser.position == parser.bytes.count else {
      throw parser.syntax("nothing after the value")
    }
    return value
  }

  private init(_ region: ByteRegion, _ allowsPythonNumbers: Bool, _ limits: DecodeLimits) {
    bytes = region.bytes()
    self.region = region
    self.limits = limits
    self.allowsPythonNumbers = allowsPythonNumbers
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func value() throws(CheckpointError) -> JSONValue {
    count += 1
    guard count <= limits.jsonValues else {
      throw CheckpointError(
        .limitExceeded, "JSON of more than \(limits.jsonValues) values", at: here(1))
    }
    switch current {
    case UInt8(ascii: "{"), UInt8(ascii: "["): return try nested()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N") where allowsPythonNumbers: return try word("NaN", .number(.nan))
    case UInt8(ascii: "I") where allowsPythonNumbers:
      return try word("Infinity", .number(.infinity))
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return try number()
    default: throw syntax("a value")
    }
  }

  private mutating func nested() throws(CheckpointError) -> JSONValue {
    depth += 1
    guard depth <= limits.nesting else {
      throw CheckpointError(
        .jsonDepth, "JSON nested deeper than \(limits.nesting) levels", at: here(1))
    }
    let isObject = current == UInt8(ascii: "{")
    let value: JSONValue = isObject ? .object(try object()) : .array(try array())
    depth -= 1
    return value
  }

  private mutating func object() throws(CheckpointError) -> JSONObject {
    var object = JSONObject()
    var starts: [Int] = []
    position += 1
    skipBlanks()
    if current == UInt8(ascii: "}") {
      position += 1
      return object
    }
    while true {
      skipBlanks()
      let start = position
      guard current == UInt8(ascii: "\"") else { throw syntax("a member name in quotes") }
      let name = try string()
      let place = region.location(at: start, length: position - start)
      skipBlanks()
      guard current == UInt8(ascii: ":") else { throw syntax("':'") }
      position += 1
      skipBlanks()
      let value = try value()
      guard object.append(name, value) else {
        let first = object.position(of: name).map { starts[$0] } ?? start
        throw CheckpointError(
          .jsonDuplicateKey,
          "the name '\(name)' appears twice, at bytes \(region.range.lowerBound + first) and "
            + "\(region.range.lowerBound + start)", at: place)
      }
      starts.append(start)
      skipBlanks()
      switch current {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return object
      default: throw syntax("',' or '}'")
      }
    }
  }

  private mutating func array() throws(CheckpointError) -> [JSONValue] {
    var elements: [JSONValue] = []
    position += 1
    skipBlanks()
    if current == UInt8(ascii: "]") {
      position += 1
      return elements
    }
    while true {
      skipBlanks()
      elements.append(try value())
      skipBlanks()
      switch current {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "]"):
        position += 1
        return elements
      default: throw syntax("',' or ']'")
      }
    }
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(CheckpointError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw syntax("'\(word)'") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(CheckpointError) -> JSONValue {
    let start = position
    if current == UInt8(ascii: "-") {
      position += 1
      if allowsPythonNumbers, current == UInt8(ascii: "I") {
        return try word("Infinity", .number(-.infinity))
      }
    }
    let firstDigit = current
    let digits = skipDigits()
    guard digits > 0, digits == 1 || firstDigit != UInt8(ascii: "0") else {
      throw syntax("digits without a leading zero")
    }
    var isInteger = true
    if current == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      guard skipDigits() > 0 else { throw syntax("a digit after the point") }
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      guard skipDigits() > 0 else { throw syntax("a digit in the exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // -0 differs from 0 as a floating-point number; an integer can't hold the difference.
    if isInteger, text != "-0", let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw CheckpointError(
        .jsonSyntax, "the number does not fit 64 bits",
        at: region.location(at: start, length: position - start))
    }
    return .number(double)
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func string() throws(CheckpointError) -> String {
    position += 1
    var result: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: result, as: UTF8.self) else {
          throw syntax("valid UTF-8 in the string before")
        }
        position += 1
        return text
      case UInt8(ascii: "\\"):
        position += 1
        try appendEscape(to: &result)
      case 0..<0x20: throw syntax("no control character in a string")
      default:
        position += 1
        result.append(byte)
      }
    }
    throw syntax("'\"' at the end of the string")
  }

  private mutating func appendEscape(to result: inout [UInt8]) throws(CheckpointError) {
    guard let byte = current else { throw syntax("a character after '\\'") }
    guard #""\/bfnrtu"#.utf8.contains(byte) else {
      throw syntax("one of \" \\ / b f n r t u after '\\'")
    }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    default:
      let first = try hexadecimal()
      var code = UInt32(first)
      if (0xD800..<0xDC00).contains(first) {
        guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
          throw syntax("the second half of a surrogate pair")
        }
        position += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second) else {
          throw syntax("the second half of a surrogate pair")
        }
        code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else {
        throw syntax("a first half before the second half of a surrogate pair")
      }
      result.append(contentsOf: Array(String(Character(scalar)).utf8))
    }
  }

  private mutating func hexadecimal() throws(CheckpointError) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ isHexadecimal($0) }),
      let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw syntax("four hexadecimal digits") }
    position += 4
    return value
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  private func here(_ length: Int) -> Diagnostic.Location {
    region.location(at: position, length: length)
  }

  private func syntax(_ expected: String) -> CheckpointError {
    let found = current.map { byte in
      (0x21...0x7E).contains(byte)
        ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    }
    return CheckpointError(
      .jsonSyntax, "JSON needs \(expected) at offset \(position)", at: here(1),
      expected: expected, found: found ?? "the end of the text")
  }
}

extension Diagnostic.Code {
  package static let jsonSyntax = Self(rawValue: "json.syntax")
  package static let jsonDuplicateKey = Self(rawValue: "json.duplicate-key")
  package static let jsonDepth = Self(rawValue: "json.depth")
}
