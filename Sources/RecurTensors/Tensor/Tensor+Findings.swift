/// Numbers of a tensor that are NaN or infinite.
package struct NotFiniteNumbers: Sendable {
  /// How many there are.
  package let count: Int
  /// The position of the first one, row-major; a complex number has two.
  package let first: Int
  /// The first one.
  package let value: Double
}

extension Tensor {
  /// The numbers that are not finite, or nil when all are.
  ///
  /// - Complexity: as fast as memory unless there are any; no more than a block is held.
  package func notFiniteNumbers() -> NotFiniteNumbers? {
    guard mayHoldNotFinite() else { return nil }
    var (count, position) = (0, 0)
    var first: (position: Int, value: Double)?
    for part in split(elements: TensorBlocks.scannedElements) {
      for value in part.components() {
        if !value.isFinite {
          count += 1
          if first == nil { first = (position, value) }
        }
        position += 1
      }
    }
    return first.map { NotFiniteNumbers(count: count, first: $0.position, value: $0.value) }
  }

  /// Whether every number is `value`.
  package func holdsOnly(_ value: Double) -> Bool {
    for part in inStorageOrder().split(elements: TensorBlocks.scannedElements) {
      guard part.components().allSatisfy({ $0 == value }) else { return false }
    }
    return true
  }

  /// Whether an exponent has all bits set, found from the bits alone in the order they lie in.
  private func mayHoldNotFinite() -> Bool {
    switch elementType {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool: false
    case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU: true
    case .float16: holdsExponent(0x7C00 as UInt16)
    case .bfloat16: holdsExponent(0x7F80 as UInt16)
    case .float32, .complex64: holdsExponent(0x7F80_0000 as UInt32)
    case .float64, .complex128: holdsExponent(0x7FF0_0000_0000_0000 as UInt64)
    }
  }

  private func holdsExponent<Bits: FixedWidthInteger & BitwiseCopyable>(_ mask: Bits) -> Bool {
    var blocks = TensorBlocks(inStorageOrder())
    while blocks.advance() {
      let isFound = blocks.block.withBytes { span in
        var found: Bits = 0
        for offset in stride(from: 0, to: span.byteCount, by: MemoryLayout<Bits>.size) {
          let bits = unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: Bits.self)
          found |= bits & mask == mask ? 1 : 0
        }
        return found != 0
      }
      if isFound { return true }
    }
    return false
  }
}
