package import RecurTensors

/// An element type of the format; the raw value is its name there (huggingface/safetensors,
/// `Dtype`).
///
/// The cases are in the reference library's order, by which that library sorts the tensors it
/// writes.
package enum SafetensorsType: String, CaseIterable, Sendable {
  case bool = "BOOL"
  case float4 = "F4"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case float8E8M0 = "F8_E8M0"
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// The element type in this package; nil for elements smaller than a byte.
  package var elementType: ElementType? {
    switch self {
    case .bool: .bool
    case .float4, .float6E2M3, .float6E3M2: nil
    case .uint8: .uint8
    case .int8: .int8
    case .float8E5M2: .float8E5M2
    case .float8E4M3: .float8E4M3FN
    case .float8E8M0: .float8E8M0FNU
    case .float8E4M3FNUZ: .float8E4M3FNUZ
    case .float8E5M2FNUZ: .float8E5M2FNUZ
    case .int16: .int16
    case .uint16: .uint16
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int32: .int32
    case .uint32: .uint32
    case .float32: .float32
    case .complex64: .complex64
    case .float64: .float64
    case .int64: .int64
    case .uint64: .uint64
    }
  }

  /// The size of one element in bits.
  var bitCount: Int {
    switch self {
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ, .int16, .uint16, .float16, .bfloat16, .int32, .uint32, .float32, .complex64,
      .float64, .int64, .uint64:
      8 * (elementType?.byteCount ?? 0)
    }
  }

  /// The format's name for `type`; nil for complex128, which the format lacks.
  package init?(_ type: ElementType) {
    guard let own = Self.allCases.first(where: { $0.elementType == type }) else { return nil }
    self = own
  }

  /// The position in the order in which tensors are written, largest element type first.
  var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// The byte count of `shape`; nil when it is not a whole number of bytes, or exceeds an `Int`.
  func byteCount(of shape: [Int]) -> Int? {
    guard let elements = Tensor.byteCount(of: shape, .uint8) else { return nil }
    let (bits, overflow) = elements.multipliedReportingOverflow(by: bitCount)
    return overflow || bits % 8 != 0 ? nil : bits / 8
  }
}
