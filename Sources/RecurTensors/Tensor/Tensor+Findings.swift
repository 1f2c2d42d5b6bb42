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

/// Looks at the bits of numbers, in whatever order they come, for such that may be NaN or infinite.
package struct NotFiniteScreen: Sendable {
  /// The number of bytes looked at.
  package private(set) var byteCount = 0
  /// Whether an exponent had all bits set, or could not be told.
  package private(set) var mayHoldNotFinite = false

  package init() {}

  /// Looks at all elements of `tensor`, in the order they lie in.
  package mutating func look(at tensor: Tensor) {
    var blocks = TensorBlocks(tensor.inStorageOrder())
    while !mayHoldNotFinite, blocks.advance() {
      blocks.block.withBytes { look(at: $0, tensor.elementType) }
    }
  }

  /// Looks at numbers of `type`.
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
    // What is left of exponents that are not all ones: 0 in a lane where there was another one.
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
