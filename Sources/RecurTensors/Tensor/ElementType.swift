/// What one element of a tensor is.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a binary32.
  case bfloat16
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary64.
  case float64
  /// Signed, 8 bits.
  case int8
  /// Signed, 16 bits.
  case int16
  /// Signed, 32 bits.
  case int32
  /// Signed, 64 bits.
  case int64
  /// Unsigned, 8 bits.
  case uint8
  /// Unsigned, 16 bits.
  case uint16
  /// Unsigned, 32 bits.
  case uint32
  /// Unsigned, 64 bits.
  case uint64
  /// One byte; zero is false.
  case bool

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Whether elements are floating-point numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool: false
    }
  }
}

extension ElementType {
  /// Whether this is float16 or bfloat16, whose rounding shows in every result.
  package var isHalfWidthFloat: Bool { self == .float16 || self == .bfloat16 }

  /// `value` rounded to this type, to nearest with ties to even; integers truncate towards zero.
  ///
  /// Integers and Booleans are rounded to whole numbers and not wrapped.
  package func rounded(_ value: Double) -> Double {
    switch self {
    case .float64: value
    case .float32: Double(Float(value))
    case .float16: Double(float(fromHalf: half(from: value)))
    case .bfloat16: Double(float(fromBFloat: bfloat(from: value)))
    case .bool: value == 0 ? 0 : 1
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
      value.rounded(.towardZero)
    }
  }
}
