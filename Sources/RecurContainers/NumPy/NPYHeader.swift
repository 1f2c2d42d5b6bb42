import RecurTensors

/// The header: a Python dictionary literal with exactly the keys `descr`, `fortran_order` and
/// `shape`.
struct NPYHeader {
  private let bytes: [UInt8]
  private let location: Diagnostic.Location
  private let maximumRank: Int
  private var position = 0
  private(set) var descriptor = ""
  private(set) var isFortranOrder = false
  private(set) var shape: [Int] = []

  init(_ region: ByteRegion, maximumRank: Int) {
    bytes = region.bytes()
    location = region.location
    self.maximumRank = maximumRank
  }

  mutating func read() throws(CheckpointError) {
    try expect("{")
    var seen: Set<String> = []
    while try !accept("}") {
      let key = try string()
      guard seen.insert(key).inserted else { throw invalid("'\(key)' appears twice", location) }
      try expect(":")
      switch key {
      case "descr": descriptor = try elementType()
      case "fortran_order": isFortranOrder = try boolean()
      case "shape": shape = try tuple()
      default: throw invalid("the key '\(key)' is unknown", location)
      }
      if try !accept(",") {
        try expect("}")
        break
      }
    }
    guard seen.count == 3 else {
      throw invalid("one of 'descr', 'fortran_order', 'shape' is missing", location)
    }
    skipBlanks()
    guard position == bytes.count else { throw invalid("text follows the dictionary", location) }
  }

  /// The `descr` of a plain array, a string; the `descr` of a structured array is a list.
  private mutating func elementType() throws(CheckpointError) -> String {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "[") else {
      return try string()
    }
    let text = String(decoding: bytes[position...].prefix(60), as: UTF8.self)
    throw CheckpointError(
      .npyDtypeUnsupported,
      "the array is structured, several values per element: \(text)…", at: location,
      hint:
        "save each field as an array of its own: np.savez(file, **{n: a[n] for n in a.dtype.names})"
    )
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x09, 0x0A].contains(bytes[position]) { position += 1 }
  }

  private mutating func accept(_ character: Unicode.Scalar) throws(CheckpointError) -> Bool {
    skipBlanks()
    guard position < bytes.count else { throw invalid("the header ends early", location) }
    guard bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
    guard try accept(character) else {
      throw invalid("'\(character)' is missing at offset \(position) of the header", location)
    }
  }

  private mutating func string() throws(CheckpointError) -> String {
    let isDouble = try accept("\"")
    if !isDouble { try expect("'") }
    let quote = UInt8(ascii: isDouble ? "\"" : "'")
    guard let end = bytes[position...].firstIndex(of: quote) else {
      throw invalid("a string has no end", location)
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  private mutating func boolean() throws(CheckpointError) -> Bool {
    skipBlanks()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw invalid("'fortran_order' is neither True nor False", location)
  }

  private mutating func tuple() throws(CheckpointError) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while try !accept(")") {
      let digits = bytes[position...].prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard let value = Int(String(decoding: digits, as: UTF8.self)), values.count < maximumRank
      else { throw invalid("'shape' is not a tuple of at most \(maximumRank) sizes", location) }
      position += digits.count
      values.append(value)
      // Python 2 wrote long integers as 3L.
      if position < bytes.count, bytes[position] == UInt8(ascii: "L") { position += 1 }
      if try !accept(",") {
        try expect(")")
        guard values.count > 1 else {
          throw invalid("'shape' is a number in brackets and no tuple", location)
        }
        break
      }
    }
    return values
  }
}

private func invalid(_ message: String, _ location: Diagnostic.Location) -> CheckpointError {
  CheckpointError(
    .npyHeaderInvalid, message, at: location,
    fixes: [.init(.numpy, "np.save('x.npy', x.astype('float32'))")])
}
