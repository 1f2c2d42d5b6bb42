/// The type of one element of a tensor.
///
/// The raw value is the name that Python libraries give the type.
public enum ElementType: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// 8 bits: 4 for the exponent, 3 for the fraction; no infinities, one NaN of either sign.
  case float8E4M3FN = "float8_e4m3fn"
  /// 8 bits: 5 for the exponent, 2 for the fraction, with infinities; the upper half of a binary16.
  case float8E5M2 = "float8_e5m2"
  /// 8 bits: 4 for the exponent, 3 for the fraction; no infinities, no negative zero, one NaN.
  case float8E4M3FNUZ = "float8_e4m3fnuz"
  /// 8 bits: 5 for the exponent, 2 for the fraction; no infinities, no negative zero, one NaN.
  case float8E5M2FNUZ = "float8_e5m2fnuz"
  /// 8 bits, all for the exponent: a power of two, or NaN.
  case float8E8M0FNU = "float8_e8m0fnu"
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a binary32.
  case bfloat16
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary64.
  case float64
  /// Real and imaginary part, binary32 each.
  case complex64
  /// Real and imaginary part, binary64 each.
  case complex128
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

  /// The name that Python libraries give the type: `float8_e4m3fn`.
  public var description: String { rawValue }

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
      .float8E8M0FNU:
      1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64, .complex64: 8
    case .complex128: 16
    }
  }

  /// Whether elements are real floating-point numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU, .float16,
      .bfloat16, .float32, .float64:
      true
    case .complex64, .complex128, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
      .bool:
      false
    }
  }

  /// Whether elements are complex numbers.
  ///
  /// Complex tensors are listed and copied; no layer computes with them.
  public var isComplex: Bool { self == .complex64 || self == .complex128 }
}

extension ElementType {
  /// Whether this is float16 or bfloat16, whose rounding shows in every result.
  package var isHalfWidthFloat: Bool { self == .float16 || self == .bfloat16 }

  /// Whether layers compute in this type: float16, bfloat16, float32 or float64.
  package var isArithmetic: Bool {
    isHalfWidthFloat || self == .float32 || self == .float64
  }

  /// The whole numbers that quantized values of this type can be; nil for a type that is not of 8 or 16 bits.
  package var quantizedRange: ClosedRange<Double>? {
    switch self {
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65535
    case .int16: -32768...32767
    default: nil
    }
  }

  /// The 8-bit floating-point format of this type, or nil for any other type.
  package var float8: Float8Format? {
    switch self {
    case .float8E4M3FN: .e4m3fn
    case .float8E5M2: .e5m2
    case .float8E4M3FNUZ: .e4m3fnuz
    case .float8E5M2FNUZ: .e5m2fnuz
    case .float8E8M0FNU: .e8m0fnu
    case .float16, .bfloat16, .float32, .float64, .complex64, .complex128, .int8, .int16, .int32,
      .int64, .uint8, .uint16, .uint32, .uint64, .bool:
      nil
    }
  }

  /// `value` rounded to this type, to nearest with ties to even; integers truncate towards zero.
  ///
  /// For integer types and Booleans the result is a whole number, not wrapped to the type's range.
  /// For complex types the value is rounded like a real or imaginary part.
  package func rounded(_ value: Double) -> Double {
    switch self {
    case .float64, .complex128: value
    case .float32, .complex64: Double(Float(value))
    case .float16: Double(float(fromHalf: half(from: value)))
    case .bfloat16: Double(float(fromBFloat: bfloat(from: value)))
    case .float8E4M3FN: Float8Format.e4m3fn.rounded(value)
    case .float8E5M2: Float8Format.e5m2.rounded(value)
    case .float8E4M3FNUZ: Float8Format.e4m3fnuz.rounded(value)
    case .float8E5M2FNUZ: Float8Format.e5m2fnuz.rounded(value)
    case .float8E8M0FNU: Float8Format.e8m0fnu.rounded(value)
    case .bool: value == 0 ? 0 : 1
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
      value.rounded(.towardZero)
    }
  }
}
