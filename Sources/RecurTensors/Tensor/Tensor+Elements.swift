extension Tensor {
  /// Every element in row-major order, exact except for integers beyond 2⁵³.
  ///
  /// A complex number is none of the real ones and comes as NaN; readers refuse it by name before.
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

  /// Writes every element in row-major order, bit for bit as it is stored.
  ///
  /// - Throws: `file.unwritable` when `sink` can't take them.
  package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    guard count > 0 else { return }
    let width = elementType.byteCount
    if isContiguous {
      return try sink.write(bytes.slice(at: start * width, length: count * width))
    }
    // Rows of the outermost dimension bound what is gathered at once.
    for index in 0..<shape[0] {
      let row = select(axis: 0, index)
      let gathered: [UInt8] =
        switch width {
        case 1: row.elements(UInt8.self) { $0 }
        case 2: row.elements(UInt16.self) { $0 }.littleEndianBytes
        case 4: row.elements(UInt32.self) { $0 }.littleEndianBytes
        case 8: row.elements(UInt64.self) { $0 }.littleEndianBytes
        default: row.elements(UInt128.self) { $0 }.littleEndianBytes
        }
      try sink.write(gathered)
    }
  }

  /// Whether both views hold the same elements, bit for bit.
  package func isBitEqual(to other: Tensor) -> Bool {
    guard elementType == other.elementType, shape == other.shape else { return false }
    return switch elementType.byteCount {
    case 1: elements(UInt8.self) { $0 } == other.elements(UInt8.self) { $0 }
    case 2: elements(UInt16.self) { $0 } == other.elements(UInt16.self) { $0 }
    case 4: elements(UInt32.self) { $0 } == other.elements(UInt32.self) { $0 }
    case 8: elements(UInt64.self) { $0 } == other.elements(UInt64.self) { $0 }
    default: elements(UInt128.self) { $0 } == other.elements(UInt128.self) { $0 }
    }
  }

  /// Loads every element in row-major order and maps it.
  private func elements<Stored: FixedWidthInteger & BitwiseCopyable, Result>(
    _ type: Stored.Type, _ map: (Stored) -> Result
  ) -> [Result] {
    let count = count
    guard count > 0 else { return [] }
    return bytes.withBytes { span in
      var result: [Result] = []
      result.reserveCapacity(count)
      let width = MemoryLayout<Stored>.size
      // The initialisers checked that every offset below lies inside `bytes`.
      let rowLength = shape.last ?? 1
      let step = (strides.last ?? 1) * width
      var index = [Int](repeating: 0, count: max(rank - 1, 0))
      var row = start * width
      while true {
        var offset = row
        for _ in 0..<rowLength {
          result.append(
            map(unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: Stored.self)))
          offset += step
        }
        var axis = index.count - 1
        while axis >= 0 {
          index[axis] += 1
          row += strides[axis] * width
          if index[axis] < shape[axis] { break }
          row -= strides[axis] * width * shape[axis]
          index[axis] = 0
          axis -= 1
        }
        if axis < 0 { return result }
      }
    }
  }
}

extension Tensor {
  /// A tensor of the given numbers, row-major.
  ///
  /// - Throws: `tensor.bytes-mismatch` when `shape` does not hold exactly `values`.
  public static func float32(
    _ values: [Float], shape: [Int], at location: Diagnostic.Location = .init()
  ) throws(CheckpointError) -> Tensor {
    let bytes = values.map(\.bitPattern).littleEndianBytes
    return try Tensor(
      ByteRegion(ByteStorage(copying: bytes)), .float32, shape: shape, at: location)
  }

  /// A tensor of the given numbers, row-major.
  ///
  /// - Throws: `tensor.bytes-mismatch` when `shape` does not hold exactly `values`.
  public static func float64(
    _ values: [Double], shape: [Int], at location: Diagnostic.Location = .init()
  ) throws(CheckpointError) -> Tensor {
    let bytes = values.map(\.bitPattern).littleEndianBytes
    return try Tensor(
      ByteRegion(ByteStorage(copying: bytes)), .float64, shape: shape, at: location)
  }

  /// A tensor of the given whole numbers, row-major: token ids, lengths.
  ///
  /// - Throws: `tensor.bytes-mismatch` when `shape` does not hold exactly `values`.
  public static func int32(_ values: [Int32], shape: [Int]) throws(CheckpointError) -> Tensor {
    let bytes = values.map { UInt32(bitPattern: $0) }.littleEndianBytes
    return try Tensor(ByteRegion(ByteStorage(copying: bytes)), .int32, shape: shape)
  }
}

extension ElementType {
  /// `values` one after the other, each rounded once to this type, least significant byte first.
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
  /// The elements one after the other, least significant byte first.
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
