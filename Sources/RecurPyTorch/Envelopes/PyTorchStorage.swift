import RecurTensors

/// The storage class with which torch saves elements of one type (torch/storage.py).
struct PyTorchStorage {
  /// The name of the class, without its module.
  let className: String

  /// Whether the class determines the element type; if not, the tensor does.
  var isTyped: Bool { className != "UntypedStorage" }

  /// The module of the class.
  var module: String { isTyped ? "torch" : "torch.storage" }

  /// The storage of elements of `type`.
  init(_ type: ElementType) {
    className =
      switch type {
      case .float32: "FloatStorage"
      case .float64: "DoubleStorage"
      case .float16: "HalfStorage"
      case .bfloat16: "BFloat16Storage"
      case .int64: "LongStorage"
      case .int32: "IntStorage"
      case .int16: "ShortStorage"
      case .int8: "CharStorage"
      case .uint8: "ByteStorage"
      case .bool: "BoolStorage"
      case .complex64: "ComplexFloatStorage"
      case .complex128: "ComplexDoubleStorage"
      case .uint16, .uint32, .uint64, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
        .float8E8M0FNU:
        "UntypedStorage"
      }
  }
}
