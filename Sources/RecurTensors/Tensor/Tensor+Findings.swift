/// Numbers of a tensor that are NaN or infinite.
package struct NotFiniteNumbers: Sendable {
  /// How many numbers are NaN or infinite.
  package let count: Int
  /// The position of the first such number in row-major order; a complex element counts as two
  /// numbers.
  package let first: Int
  /// The first such number.
  package let value: Double
}

extension Tensor {
  /// The numbers that are not finite, or nil when all are.
  ///
  /// - Complexity: one fast pass when all numbers are finite; memory for one block.
  package func notFiniteNumbers() -> NotFiniteNumbers? {
    var screen = NotFiniteScreen()
    screen.look(at: self)
    guard screen.mayHoldNotFinite else { return nil }
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
}

/// Examines the bits of numbers, in any order, and reports whether some may be NaN or infinite.
package struct NotFiniteScreen: Sendable {
  /// The number of bytes examined.
  package private(set) var byteCount = 0
  /// Whether an exponent has all bits set, or the element type has no fast test.
  package private(set) var mayHoldNotFinite = false

  package init() {}

  /// Examines all elements of `tensor`, in storage order.
  package mutating func look(at tensor: Tensor) {
    var blocks = TensorBlocks(tensor.inStorageOrder())
    while !mayHoldNotFinite, blocks.advance() {
      blocks.block.withBytes { look(at: $0, tensor.elementType) }
    }
  }

  /// Examines numbers of `type`.
  mutating func look(at bytes: RawSpan, _ type: ElementType) {
    byteCount += bytes.byteCount
    guard !mayHoldNotFinite else { return }
    mayHoldNotFinite =
      switch type {
      case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool: false
      case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU: true
      case .float16: Self.holdsExponent(0x7C00 as UInt16, bytes)
      case .bfloat16: Self.holdsExponent(0x7F80 as UInt16, bytes)
      case .float32, .complex64: Self.holdsExponent(0x7F80_0000 as UInt32, bytes)
      case .float64, .complex128: Self.holdsExponent(0x7FF0_0000_0000_0000 as UInt64, bytes)
      }
  }

  private static func holdsExponent<Bits: FixedWidthInteger & SIMDScalar & BitwiseCopyable>(
    _ mask: Bits, _ bytes: RawSpan
  ) -> Bool where Bits.SIMD16Storage: BitwiseCopyable {
    typealias Many = SIMD16<Bits>
    let (width, whole) = (MemoryLayout<Bits>.size, MemoryLayout<Many>.size)
    // Per lane the smallest inverted exponent so far: 0 as soon as one exponent has all bits set.
    var least = Many(repeating: mask)
    var offset = 0
    while offset + whole <= bytes.byteCount {
      let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Many.self)
      least = pointwiseMin(least, ~bits & Many(repeating: mask))
      offset += whole
    }
    var isFound = least.min() == 0
    while offset + width <= bytes.byteCount {
      let bits = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Bits.self)
      isFound = isFound || bits & mask == mask
      offset += width
    }
    return isFound
  }
}
