extension Array where Element == Float {
  /// Every element of a tensor in row-major order, rounded to binary32.
  public init(_ tensor: Tensor) { self = tensor.floats() }
}

extension Array where Element == Double {
  /// Every element of a tensor in row-major order.
  public init(_ tensor: Tensor) { self = tensor.doubles() }
}

extension Tensor {
  /// Every element in row-major order, exact except for integers beyond 2⁵³.
  ///
  /// A complex element becomes NaN; readers refuse complex tensors by name before they call this.
  public func doubles() -> [Double] {
    switch elementType {
    case .float8E4M3FN: elements(UInt8.self, Float8Format.e4m3fn.value)
    case .float8E5M2: elements(UInt8.self, Float8Format.e5m2.value)
    case .float8E4M3FNUZ: elements(UInt8.self, Float8Format.e4m3fnuz.value)
    case .float8E5M2FNUZ: elements(UInt8.self, Float8Format.e5m2fnuz.value)
    case .float8E8M0FNU: elements(UInt8.self, Float8Format.e8m0fnu.value)
    case .complex64, .complex128: [Double](repeating: .nan, count: count)
    case .float16: elements(UInt16.self) { Double(float(fromHalf: $0)) }
    case .bfloat16: elements(UInt16.self) { Double(float(fromBFloat: $0)) }
    case .float32: elements(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: elements(UInt64.self) { Double(bitPattern: $0) }
    case .int8: elements(Int8.self) { Double($0) }
    case .int16: elements(Int16.self) { Double($0) }
    case .int32: elements(Int32.self) { Double($0) }
    case .int64: elements(Int64.self) { Double($0) }
    case .uint8: elements(UInt8.self) { Double($0) }
    case .uint16: elements(UInt16.self) { Double($0) }
    case .uint32: elements(UInt32.self) { Double($0) }
    case .uint64: elements(UInt64.self) { Double($0) }
    case .bool: elements(UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }

  /// Every element in row-major order; a complex element gives two numbers, real and imaginary
  /// part.
  package func components() -> [Double] {
    switch elementType {
    case .complex64:
      elements(UInt64.self) { $0 }.flatMap { bits in
        [bits, bits >> 32].map { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }
      }
    case .complex128:
      elements(UInt128.self) { $0 }.flatMap { bits in
        [bits, bits >> 64].map { Double(bitPattern: UInt64(truncatingIfNeeded: $0)) }
      }
    case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .float16,
      .bfloat16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32,
      .uint64, .bool:
      doubles()
    }
  }

  /// Every element in row-major order, rounded to binary32.
  public func floats() -> [Float] {
    switch elementType {
    case .float16: elements(UInt16.self) { float(fromHalf: $0) }
    case .bfloat16: elements(UInt16.self) { float(fromBFloat: $0) }
    case .float32: elements(UInt32.self) { Float(bitPattern: $0) }
    case .float64: elements(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .complex64,
      .complex128, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool:
      doubles().map { Float($0) }
    }
  }

  /// Reads every element in row-major order and converts it.
  private func elements<Stored: FixedWidthInteger & BitwiseCopyable, Result>(
    _ type: Stored.Type, _ map: (Stored) -> Result
  ) -> [Result] {
    let count = count
    guard count > 0 else { return [] }
    return settledBytes().withBytes { span in
      // `settledBytes` holds exactly `count` elements.
      unsafe [Result](unsafeUninitializedCapacity: count) { target, filled in
        for index in 0..<count {
          let stored = unsafe span.unsafeLoadUnaligned(
            fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
          unsafe target.initializeElement(at: index, to: map(stored))
        }
        filled = count
      }
    }
  }
}

extension Tensor {
  /// A tensor of `values`, in row-major order.
  ///
  /// - Throws: `tensor.bytes-mismatch` when the element count of `shape` is not that of `values`.
  public static func float32(
    _ values: [Float], shape: [Int], at location: Diagnostic.Location = .init()
  ) throws(CheckpointError) -> Tensor {
    let bytes = values.map(\.bitPattern).littleEndianBytes
    return try Tensor(
      ByteRegion(ByteStorage(copying: bytes)), .float32, shape: shape, at: location)
  }

  /// A tensor of `values`, in row-major order.
  ///
  /// - Throws: `tensor.bytes-mismatch` when the element count of `shape` is not that of `values`.
  public static func float64(
    _ values: [Double], shape: [Int], at location: Diagnostic.Location = .init()
  ) throws(CheckpointError) -> Tensor {
    let bytes = values.map(\.bitPattern).littleEndianBytes
    return try Tensor(
      ByteRegion(ByteStorage(copying: bytes)), .float64, shape: shape, at: location)
  }

  /// A tensor of `values` (token ids, lengths), in row-major order.
  ///
  /// - Throws: `tensor.bytes-mismatch` when the element count of `shape` is not that of `values`.
  public static func int32(_ values: [Int32], shape: [Int]) throws(CheckpointError) -> Tensor {
    let bytes = values.map { UInt32(bitPattern: $0) }.littleEndianBytes
    return try Tensor(ByteRegion(ByteStorage(copying: bytes)), .int32, shape: shape)
  }
}

extension ElementType {
  /// The bytes of `values`, each rounded once to this type, least significant byte first.
  ///
  /// - Precondition: this is a floating-point type.
  package func bytes(rounding values: [Double]) -> [UInt8] {
    precondition(isFloatingPoint)
    if let float8 { return values.map(float8.code) }
    return switch self {
    case .float16: values.map { half(from: $0) }.littleEndianBytes
    case .bfloat16: values.map { bfloat(from: $0) }.littleEndianBytes
    case .float64: values.map(\.bitPattern).littleEndianBytes
    case .float32, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU,
      .complex64, .complex128, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
      .bool:
      values.map { Float($0).bitPattern }.littleEndianBytes
    }
  }
}

extension Array where Element: FixedWidthInteger {
  /// The bytes of the elements in row-major order, least significant byte first.
  package var littleEndianBytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count * MemoryLayout<Element>.size)
    for element in self {
      var rest = element
      for _ in 0..<MemoryLayout<Element>.size {
        result.append(UInt8(truncatingIfNeeded: rest))
        rest >>= 8
      }
    }
    return result
  }
}
