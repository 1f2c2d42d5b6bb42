import RecurTensors

/// The values that protocols 0 and 1 write as text (CPython, Lib/pickletools.py).
enum PickleText {
  /// `12`, `12L`, or `00` and `01`, which Python 2 wrote for False and True.
  static func integer(
    _ line: [UInt8], isLong: Bool, at place: Diagnostic.Location
  ) throws(CheckpointError) -> PickleGraph.Node {
    if !isLong, line == Array("00".utf8) { return .bool(false) }
    if !isLong, line == Array("01".utf8) { return .bool(true) }
    let digits = line.last == UInt8(ascii: "L") ? line.dropLast() : line[...]
    if let value = Int(String(decoding: digits, as: UTF8.self)) { return .integer(value) }
    let isNegative = digits.first == UInt8(ascii: "-")
    let magnitude = isNegative ? digits.dropFirst() : digits
    // Converting digits to bytes takes quadratic time; no checkpoint holds a number this long.
    guard !magnitude.isEmpty, magnitude.count <= 1_000,
      magnitude.allSatisfy({ (0x30...0x39).contains($0) })
    else { throw invalid("an integer", line, place) }
    return .bigInteger(twosComplement(of: magnitude, isNegative: isNegative))
  }

  private static func twosComplement(of digits: ArraySlice<UInt8>, isNegative: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    for digit in digits {
      var carry = Int(digit) - 0x30
      for place in bytes.indices {
        let value = Int(bytes[place]) * 10 + carry
        bytes[place] = UInt8(truncatingIfNeeded: value)
        carry = value >> 8
      }
      if carry > 0 { bytes.append(UInt8(truncatingIfNeeded: carry)) }
    }
    bytes.append(0)
    guard isNegative else { return bytes }
    var carry = 1
    for place in bytes.indices {
      let value = Int(~bytes[place]) + carry
      bytes[place] = UInt8(truncatingIfNeeded: value)
      carry = value >> 8
    }
    return bytes
  }

  /// `1.5`, `-inf`, `nan`.
  static func float(
    _ line: [UInt8], at place: Diagnostic.Location
  ) throws(CheckpointError) -> PickleGraph.Node {
    guard let value = Double(String(decoding: line, as: UTF8.self)) else {
      throw invalid("a number", line, place)
    }
    return .float(value)
  }

  /// A Python literal in quotes: `'text\n'`; bytes that are valid UTF-8 become text.
  static func string(
    _ line: [UInt8], at place: Diagnostic.Location
  ) throws(CheckpointError) -> PickleGraph.Node {
    guard line.count >= 2, let quote = line.first, quote == line.last,
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else { throw invalid("a string in quotes", line, place) }
    var bytes: [UInt8] = []
    var rest = line.dropFirst().dropLast()
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let letter = rest.popFirst() else { throw invalid("a string", line, place) }
      switch letter {
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(letter)
      case UInt8(ascii: "x"):
        guard let code = hexadecimal(&rest, 2), let value = UInt8(exactly: code) else {
          throw invalid("a string", line, place)
        }
        bytes.append(value)
      default: throw invalid("a string", line, place)
      }
    }
    return String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
  }

  /// Latin-1 text in which escapes such as `\u00e9` and `\U0001f600` stand for other characters.
  static func unicode(
    _ line: [UInt8], at place: Diagnostic.Location
  ) throws(CheckpointError) -> PickleGraph.Node {
    var text = String.UnicodeScalarView()
    var rest = line[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.first,
        letter == UInt8(ascii: "u") || letter == UInt8(ascii: "U")
      else {
        text.append(Unicode.Scalar(byte))
        continue
      }
      rest.removeFirst()
      guard let code = hexadecimal(&rest, letter == UInt8(ascii: "u") ? 4 : 8),
        let scalar = Unicode.Scalar(code)
      else { throw invalid("text", line, place) }
      text.append(scalar)
    }
    return .string(String(text))
  }

  private static func hexadecimal(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> UInt32? {
    let digits = rest.prefix(count)
    guard digits.count == count,
      digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit })
    else { return nil }
    rest = rest.dropFirst(count)
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  private static func invalid(
    _ what: String, _ line: [UInt8], _ place: Diagnostic.Location
  ) -> CheckpointError {
    CheckpointError(
      .pickleValueInvalid,
      "'\(String(decoding: line.prefix(40), as: UTF8.self))' stands where \(what) must be",
      at: place)
  }
}
