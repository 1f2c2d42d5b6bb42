import RecurModel

/// Numbers per axis as torch takes them: one number for one axis, else a tuple.
func pythonSizes(_ values: [Int]) -> String {
  values.count == 1
    ? "\(values[0])" : "(\(values.map { "\($0)" }.joined(separator: ", ")))"
}

extension [Window] {
  /// What is added to `x` for windows, for F.pad; nil is nothing.
  ///
  /// F.pad begins with the last axis, which has the channels.
  func paddingAmount(_ x: String) -> String? {
    let parts = enumerated().map { $1.paddingAmount(x, axis: $0 + 1) }
    guard parts.contains(where: { $0 != nil }) else { return nil }
    if count == 1, self[0].isPaddedByLength {
      return "_same_padding(\(x), \(self[0].span), \(self[0].stride))"
    }
    return "(0, 0, \(parts.reversed().map { $0 ?? "0, 0" }.joined(separator: ", ")))"
  }

  /// The definitions that ``paddingAmount(_:)`` may use.
  static var helpers: [PyTorchHelper] {
    [
      PyTorchHelper("_same_padding", samePadding), PyTorchHelper("_same_along", sameAlong),
    ]
  }

  private static var samePadding: String {
    """
    def _same_padding(x, span, stride):
        \"\"\"What TensorFlow's "same" adds to the timesteps of x, more of it at the end, for F.pad.\"\"\"
        windows = (x.shape[1] + stride - 1) // stride
        missing = max((windows - 1) * stride + span - x.shape[1], 0)
        return 0, 0, missing // 2, missing - missing // 2
    """
  }

  private static var sameAlong: String {
    """
    def _same_along(x, axis, span, stride):
        \"\"\"What TensorFlow's "same" adds at both ends of an axis, more of it at the end.\"\"\"
        windows = (x.shape[axis] + stride - 1) // stride
        missing = max((windows - 1) * stride + span - x.shape[axis], 0)
        return missing // 2, missing - missing // 2
    """
  }
}

/// A call of a module of torch.nn, which has the channels behind the batch, on `x` with them last.
func channelsBehindBatch(_ x: String, axes: Int, _ call: (String) -> String) -> String {
  axes == 1
    ? "\(call("\(x).transpose(1, 2)")).transpose(1, 2)"
    : "\(call("\(x).movedim(-1, 1)")).movedim(1, -1)"
}

extension Window {
  /// Whether the padding depends on the length of the axis.
  fileprivate var isPaddedByLength: Bool { padding == .same && stride > 1 }

  /// What is added before and after, as two numbers; nil is nothing.
  fileprivate func paddingAmount(_ x: String, axis: Int) -> String? {
    guard span > 1 || stride > 1 || padding != .same && padding != .causal else { return nil }
    return switch padding {
    case .valid, .explicit(before: 0, after: 0): nil
    case .explicit(let before, let after): "\(before), \(after)"
    case .causal: span == 1 ? nil : "\(span - 1), 0"
    case .same:
      isPaddedByLength
        ? "*_same_along(\(x), \(axis), \(span), \(stride))"
        : span == 1 ? nil : "\((span - 1) / 2), \(span - 1 - (span - 1) / 2)"
    }
  }
}

extension Padding {
  /// The word for it in messages; nil for none.
  var leftToCode: String? {
    switch self {
    case .valid, .explicit(before: 0, after: 0): nil
    case .same: "same"
    case .causal: "causal"
    case .explicit(let before, let after): "\(before) before, \(after) after"
    }
  }
}
