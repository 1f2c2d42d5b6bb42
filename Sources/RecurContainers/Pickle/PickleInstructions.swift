import RecurTensors

/// The instructions of a pickle, one after the other, with the operands that follow each.
struct PickleInstructions {
  private let bytes: ByteRegion
  private let longestName: Int
  /// How many bytes were read.
  private(set) var position = 0
  /// Where the instruction at hand begins.
  private(set) var instruction = 0

  init(_ bytes: ByteRegion, _ limits: DecodeLimits) {
    self.bytes = bytes
    longestName = limits.nameBytes
  }

  /// The next instruction.
  ///
  /// - Throws: `pickle.opcode.unsupported`, `bytes.truncated`.
  mutating func next() throws(CheckpointError) -> PickleOpcode {
    instruction = position
    let byte = try bytes.byte(at: position)
    guard let opcode = PickleOpcode(rawValue: byte) else {
      throw unsupported("opcode 0x\(String(byte, radix: 16)) at pickle byte \(position) is none")
    }
    if let refusal = opcode.refusal {
      throw unsupported(
        "the instruction \(refusal.name) at pickle byte \(position) stands for \(refusal.purpose), "
          + "which is not data")
    }
    position += 1
    return opcode
  }

  var here: Diagnostic.Location { bytes.location(at: instruction, length: 1) }

  func invalid(_ message: String) -> CheckpointError {
    CheckpointError(
      .pickleValueInvalid, "\(message) (at pickle byte \(instruction))", at: here,
      facts: [.pickledObjects])
  }

  mutating func take<T: FixedWidthInteger>(_ type: T.Type) throws(CheckpointError) -> T {
    let value = try bytes.integer(T.self, at: position)
    position += MemoryLayout<T>.size
    return value
  }

  func length(_ value: UInt64) throws(CheckpointError) -> Int {
    guard let length = Int(exactly: value) else { throw invalid("a string of \(value) bytes") }
    return length
  }

  mutating func skip(_ count: Int) throws(CheckpointError) {
    _ = try bytes.slice(at: position, length: count)
    position += count
  }

  mutating func text(_ length: Int) throws(CheckpointError) -> ByteRegion {
    let region = try bytes.slice(at: position, length: length)
    position += length
    return region
  }

  /// The bytes up to the end of the line; the position moves behind the line end.
  mutating func line() throws(CheckpointError) -> [UInt8] {
    var content: [UInt8] = []
    while true {
      let part = try bytes.slice(
        at: position, length: min(256, max(bytes.count - position, 0))
      ).bytes()
      let end = part.firstIndex(of: 0x0A)
      content += part[..<(end ?? part.count)]
      position += end.map { $0 + 1 } ?? part.count
      if end != nil { return content }
      if part.isEmpty { throw invalid("a line has no end") }
    }
  }

  mutating func name() throws(CheckpointError) -> String {
    let content = try line()
    guard content.count < longestName, let text = String(validating: content, as: UTF8.self)
    else { throw invalid("a global's name is too long, or is not UTF-8") }
    return text
  }

  mutating func memoKey() throws(CheckpointError) -> UInt32 {
    guard let key = UInt32(String(decoding: try line(), as: UTF8.self)) else {
      throw invalid("a memo has no number")
    }
    return key
  }

  func unsupported(_ message: String) -> CheckpointError {
    CheckpointError(
      .pickleOpcodeUnsupported, message, at: here,
      facts: [.pickledObjects])
  }
}
