import RecurTensors

// Functions of whole numbers that are computed from free extents, every one of which is at least 1.
extension GraphSizes {
  /// A function of the numbers of two values; nil where the result differs from call to call.
  ///
  /// A comparison gives 1 for true and 0 for false.
  package static func combined(
    _ function: Binary.Function, _ left: GraphSizes, _ right: GraphSizes
  ) -> GraphSizes? {
    combined(left, right) { x, y in
      switch function {
      case .add: x.plus(y)
      case .subtract: x.plus(y.times(-1))
      case .multiply: x.times(y)
      case .floorDivide:
        x.divided(exactlyBy: y)
          ?? y.value.flatMap { $0 > 0 ? x.divided(by: $0, roundsUp: false) : nil }
      case .maximum: y.isNever(above: x) ? x : x.isNever(above: y) ? y : nil
      case .minimum: x.isNever(above: y) ? x : y.isNever(above: x) ? y : nil
      case .equal: x.equals(y).map { .fixed($0 ? 1 : 0) }
      case .notEqual: x.equals(y).map { .fixed($0 ? 0 : 1) }
      case .less: x.isBelow(y).map { .fixed($0 ? 1 : 0) }
      case .greater: y.isBelow(x).map { .fixed($0 ? 1 : 0) }
      case .lessOrEqual: y.isBelow(x).map { .fixed($0 ? 0 : 1) }
      case .greaterOrEqual: x.isBelow(y).map { .fixed($0 ? 0 : 1) }
      default: nil
      }
    }
  }
}

extension Dimension {
  /// Whether this number is at most `other` in every call.
  fileprivate func isNever(above other: Dimension) -> Bool {
    if self == other || other.value == .max || value == .min { return true }
    // Numbers that are too large end at the largest one, and tell nothing.
    guard let least = other.plus(times(-1)).least else { return false }
    return 0...(1 << 60) ~= least
  }

  /// Whether this number is below `other`; nil when that differs from call to call.
  fileprivate func isBelow(_ other: Dimension) -> Bool? {
    if plus(1).isNever(above: other) { return true }
    return other.isNever(above: self) ? false : nil
  }

  /// Whether this number is `other`; nil when that differs from call to call.
  fileprivate func equals(_ other: Dimension) -> Bool? {
    if self == other { return true }
    return plus(1).isNever(above: other) || other.plus(1).isNever(above: self) ? false : nil
  }
}

extension Binary.Function {
  /// Whether the result is a Boolean.
  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }
}
