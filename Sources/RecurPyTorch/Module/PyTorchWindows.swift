import RecurModel

extension Padding {
  /// The argument of F.pad that pads the timesteps of `x` for windows; nil for no padding.
  func amount(_ x: String, span: Int, stride: Int) -> String? {
    guard span > 1 || stride > 1 else { return nil }
    return switch self {
    case .valid: nil
    case .causal: span == 1 ? nil : "(0, 0, \(span - 1), 0)"
    case .same:
      stride == 1
        ? "(0, 0, \((span - 1) / 2), \(span - 1 - (span - 1) / 2))"
        : "_same_padding(\(x), \(span), \(stride))"
    }
  }

  /// The Python definition that ``amount(_:span:stride:)`` may use.
  static let helper = PyTorchHelper("_same_padding", samePadding)

  private static let samePadding = """
    def _same_padding(x, span, stride):
        \"\"\"What TensorFlow's "same" adds to the timesteps of x, more of it at the end, for F.pad.\"\"\"
        windows = (x.shape[1] + stride - 1) // stride
        missing = max((windows - 1) * stride + span - x.shape[1], 0)
        return 0, 0, missing // 2, missing - missing // 2
    """
}
