package import RecurTensors

/// Parses TOML text (toml.io, version 1.0) into the values that JSON has.
///
/// Dates and times, which JSON has not, are refused.
package struct TOMLParser {
  private let bytes: [UInt8]
  private let region: ByteRegion
  private let limits: DecodeLimits
  private var position = 0
  private var depth = 0
  /// Tables by their own `[name]`, which may stand once.
  private var declared: Set<[String]> = []

  /// The table that `region` is.
  ///
  /// - Throws: `toml.syntax`, `bytes.limit-exceeded`.
  package static func parse(
    _ region: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> JSONValue {
    guard region.count <= limits.jsonBytes else {
      throw CheckpointError(
        .limitExceeded,
        "TOML of \(region.count) bytes; at most \(limits.jsonBytes) are read", at: region.location)
    }
    var parser = TOMLParser(region, limits)
    guard String(validating: parser.bytes, as: UTF8.self) != nil else {
      throw parser.syntax("text in UTF-8")
    }
    return .object(try parser.document())
  }

  private init(_ region: ByteRegion, _ limits: DecodeLimits) {
    bytes = region.bytes()
    self.region = region
    self.limits = limits
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func isNext(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { unsafe bytes[position...].starts(with: $0) }
  }

  // MARK: lines

  private mutating func document() throws(CheckpointError) -> JSONObject {
    var root = JSONObject()
    var table: [String] = []
    while true {
      skipBlanksAndLines()
      guard let byte = current else { return root }
      if byte == UInt8(ascii: "[") {
        table = try header(in: &root)
      } else {
        let path = try key()
        try expect("=", "'=' after a key")
        skipBlanks()
        try insert(try value(), at: table + path, in: &root)
      }
      try endLine()
    }
  }

  /// `[table]` or `[[table]]`.
  private mutating func header(in root: inout JSONObject) throws(CheckpointError) -> [String] {
    let isArray = isNext("[[")
    position += isArray ? 2 : 1
    let path = try key()
    guard isNext(isArray ? "]]" : "]") else {
      throw syntax(isArray ? "']]' after the name of a table" : "']' after the name of a table")
    }
    position += isArray ? 2 : 1
    if isArray {
      declared = declared.filter { !$0.starts(with: path) || $0.count == path.count }
      try change(&root, path[...]) { (old) throws(CheckpointError) in
        guard var items = old?.array ?? (old == nil ? [] : nil),
          items.allSatisfy({ $0.object != nil })
        else { throw syntax("a name that no other value has") }
        items.append(.object(JSONObject()))
        return .array(items)
      }
    } else {
      guard declared.insert(path).inserted else { throw syntax("a table that is not there yet") }
      try change(&root, path[...]) { (old) throws(CheckpointError) in
        guard old == nil || old?.object != nil else {
          throw syntax("a name that no other value has")
        }
        return old ?? .object(JSONObject())
      }
    }
    return path
  }

  private func insert(
    _ value: JSONValue, at path: [String], in root: inout JSONObject
  ) throws(CheckpointError) {
    try change(&root, path[...]) { (old) throws(CheckpointError) in
      guard old == nil else { throw syntax("a key that is not there yet") }
      return value
    }
  }

  /// Puts in place of the value at `path` what `body` makes of it; of an array of tables, the last
  /// one counts.
  private func change(
    _ object: inout JSONObject, _ path: ArraySlice<String>,
    _ body: (JSONValue?) throws(CheckpointError) -> JSONValue
  ) throws(CheckpointError) {
    guard let name = path.first else { return }
    let old = object[name]
    let new: JSONValue
    if path.count == 1 {
      new = try body(old)
    } else if case .array(var items) = old, case .object(var last) = items.last {
      try change(&last, path.dropFirst(), body)
      items[items.count - 1] = .object(last)
      new = .array(items)
    } else {
      guard old == nil || old?.object != nil else { throw syntax("a key of a table") }
      var inner = old?.object ?? JSONObject()
      try change(&inner, path.dropFirst(), body)
      new = .object(inner)
    }
    var copy = JSONObject()
    for member in object.members {
      _ = copy.append(member.name, member.name == name ? new : member.value)
    }
    if old == nil { _ = copy.append(name, new) }
    object = copy
  }

  private mutating func endLine() throws(CheckpointError) {
    skipBlanks()
    if current == UInt8(ascii: "#") { skipComment() }
    guard current == nil || current == 0x0A || isNext("\r\n") else {
      throw syntax("the end of the line")
    }
  }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x09 { position += 1 }
  }

  private mutating func skipComment() {
    while let byte = current, byte != 0x0A { position += 1 }
  }

  private mutating func skipBlanksAndLines() {
    while let byte = current {
      if byte == UInt8(ascii: "#") {
        skipComment()
      } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func expect(
    _ sign: Unicode.Scalar, _ wanted: String
  ) throws(CheckpointError) {
    skipBlanks()
    guard current == UInt8(ascii: sign) else { throw syntax(wanted) }
    position += 1
  }

  // MARK: keys and values

  private mutating func key() throws(CheckpointError) -> [String] {
    var path: [String] = []
    while true {
      skipBlanks()
      if isNext("\"") || isNext("'") {
        path.append(try string())
      } else {
        let start = position
        while let byte = current, Self.isBare(byte) { position += 1 }
        guard position > start else { throw syntax("a key") }
        path.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      guard path.count <= limits.nesting else { throw syntax("fewer parts of a key") }
      skipBlanks()
      guard current == UInt8(ascii: ".") else { return path }
      position += 1
    }
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private mutating func value() throws(CheckpointError) -> JSONValue {
    switch current {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string())
    case UInt8(ascii: "["):
      return try nested { parser throws(CheckpointError) in try parser.array() }
    case UInt8(ascii: "{"):
      return try nested { parser throws(CheckpointError) in try parser.table() }
    default: return try word()
    }
  }

  private mutating func nested(
    _ body: (inout Self) throws(CheckpointError) -> JSONValue
  ) throws(CheckpointError) -> JSONValue {
    depth += 1
    guard depth <= limits.nesting else { throw syntax("fewer values inside of each other") }
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func array() throws(CheckpointError) -> JSONValue {
    var items: [JSONValue] = []
    while true {
      skipBlanksAndLines()
      if current == UInt8(ascii: "]") { break }
      items.append(try value())
      skipBlanksAndLines()
      guard current == UInt8(ascii: ",") else { break }
      position += 1
    }
    guard current == UInt8(ascii: "]") else { throw syntax("']' or ','") }
    position += 1
    return .array(items)
  }

  private mutating func table() throws(CheckpointError) -> JSONValue {
    var object = JSONObject()
    skipBlanks()
    while current != UInt8(ascii: "}") {
      let path = try key()
      try expect("=", "'=' after a key")
      skipBlanks()
      try insert(try value(), at: path, in: &object)
      skipBlanks()
      guard current == UInt8(ascii: ",") else { break }
      position += 1
      skipBlanks()
    }
    try expect("}", "'}' or ','")
    return .object(object)
  }

  /// `true`, `false` or a number.
  private mutating func word() throws(CheckpointError) -> JSONValue {
    let start = position
    while let byte = current, Self.isBare(byte) || byte == 0x2B || byte == 0x2E { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: break
    }
    let isSigned = text.hasPrefix("-") || text.hasPrefix("+")
    let digits = isSigned ? text.dropFirst() : text[...]
    let plain = digits.filter { $0 != "_" }
    let isDecimal =
      digits.first?.isASCII == true && digits.first?.isNumber == true
      && digits.last != "_" && !digits.contains("__")
    if isDecimal, plain == "0" || !plain.hasPrefix("0") || plain.hasPrefix("0.") {
      let number = (text.hasPrefix("-") ? "-" : "") + plain
      if let integer = Int(number) { return .integer(integer) }
      if plain.last != ".", !plain.contains("-") || plain.lowercased().contains("e-"),
        let double = Double(number), double.isFinite
      {
        return .number(double)
      }
    }
    position = start
    throw syntax("a string, a number, true, false, an array or a table")
  }

  private var found: String {
    guard let byte = current else { return "the end of the file" }
    guard byte >= 0x20, byte < 0x7F else { return byte == 0x0A ? "the end of the line" : "a byte" }
    return "'\(Character(UnicodeScalar(byte)))'"
  }

  private func syntax(_ wanted: String) -> CheckpointError {
    let line = bytes[..<position].count { $0 == 0x0A } + 1
    return CheckpointError(
      .tomlSyntax, "line \(line) is no TOML", at: region.location, expected: wanted, found: found)
  }
}

// MARK: strings

extension TOMLParser {
  /// A string in quotes of either kind, over one line or, in three quotes, over several.
  private mutating func string() throws(CheckpointError) -> String {
    let quote = bytes[position]
    let isLong =
      position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
    position += isLong ? 3 : 1
    if isLong {
      if isNext("\r\n") { position += 2 } else if isNext("\n") { position += 1 }
    }
    var text: [UInt8] = []
    while let byte = current {
      if byte == quote {
        let run = bytes[position...].prefix(isLong ? 5 : 1).prefix { $0 == quote }.count
        if !isLong || run >= 3 {
          text += [UInt8](repeating: quote, count: isLong ? run - 3 : 0)
          position += run
          return String(decoding: text, as: UTF8.self)
        }
        text += [UInt8](repeating: quote, count: run)
        position += run
      } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        position += 1
        text += Array(try escape(isLong).utf8)
      } else {
        guard
          byte >= 0x20 && byte != 0x7F || byte == 0x09 || isLong && (byte == 0x0A || byte == 0x0D)
        else { break }
        text.append(byte)
        position += 1
      }
    }
    throw syntax("the end of a string")
  }

  /// What stands behind a backslash.
  private mutating func escape(_ isLong: Bool) throws(CheckpointError) -> String {
    guard let byte = current else { throw syntax("what is behind the backslash") }
    position += 1
    switch byte {
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = byte == UInt8(ascii: "u") ? 4 : 8
      let digits = bytes[position...].prefix(count)
      guard digits.count == count,
        digits.allSatisfy({ Self.isBare($0) }),
        let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { throw syntax("\(count) hexadecimal digits of a character") }
      position += count
      return String(Character(scalar))
    case 0x0A, 0x20, 0x09, 0x0D:
      position -= 1
      let start = position
      while let blank = current, [0x20, 0x09, 0x0A, 0x0D].contains(blank) { position += 1 }
      guard isLong, bytes[start..<position].contains(0x0A) else { break }
      return ""
    default: break
    }
    position -= 1
    throw syntax("an escape that TOML has")
  }
}

extension Diagnostic.Code {
  static let tomlSyntax = Self(rawValue: "toml.syntax")
}
