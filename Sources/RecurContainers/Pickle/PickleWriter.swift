import RecurTensors

/// Writes pickles of protocol 2 with the instructions torch.save uses for a state dict.
package struct PickleWriter {
  package private(set) var bytes: [UInt8] = [PickleOpcode.protocol.rawValue, 2]

  package init() {}

  package mutating func emit(_ opcode: PickleOpcode) { bytes.append(opcode.rawValue) }

  package mutating func bool(_ value: Bool) { emit(value ? .newTrue : .newFalse) }

  package mutating func integer(_ value: Int) {
    switch value {
    case 0...0xFF:
      emit(.binInt1)
      bytes.append(UInt8(value))
    case 0...0xFFFF:
      emit(.binInt2)
      bytes += [UInt16(value)].littleEndianBytes
    case Int(Int32.min)...Int(Int32.max):
      emit(.binInt)
      bytes += [UInt32(bitPattern: Int32(value))].littleEndianBytes
    default:
      emit(.long1)
      bytes.append(8)
      bytes += [UInt64(bitPattern: Int64(value))].littleEndianBytes
    }
  }

  package mutating func string(_ text: String) {
    emit(.binUnicode)
    bytes += [UInt32(text.utf8.count)].littleEndianBytes + Array(text.utf8)
  }

  package mutating func global(_ module: String, _ name: String) {
    emit(.global)
    bytes += Array("\(module)\n\(name)\n".utf8)
  }

  /// Pushes the value memoized as number `index` again.
  package mutating func recall(_ index: UInt8) {
    emit(.binGet)
    bytes.append(index)
  }

  /// Writes a tuple of the values that `body` writes.
  package mutating func tuple(_ body: (inout PickleWriter) -> Void) {
    emit(.mark)
    body(&self)
    emit(.tuple)
  }

  /// Writes a call of a global with the arguments that `body` writes.
  package mutating func call(
    _ module: String, _ name: String, _ body: (inout PickleWriter) -> Void
  ) {
    global(module, name)
    tuple(body)
    emit(.reduce)
  }
}
