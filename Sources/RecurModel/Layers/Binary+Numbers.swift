extension Binary.Function {
  /// The function of two numbers, if it is plain arithmetic, comparison or logic; nil for ``modulo``
  /// and ``power``.
  ///
  /// The reference computes with it, and readers of graphs compute constants with it.
  @inlinable
  package func ofNumbers<Number: BinaryFloatingPoint & Sendable>()
    -> (@Sendable (Number, Number) -> Number)?
  {
    switch self {
    case .add: { $0 + $1 }
    case .subtract: { $0 - $1 }
    case .multiply: { $0 * $1 }
    case .divide: { $0 / $1 }
    case .floorDivide: { ($0 / $1).rounded(.down) }
    case .maximum: { $0.isNaN || $1.isNaN ? .nan : $0 > $1 ? $0 : $1 }
    case .minimum: { $0.isNaN || $1.isNaN ? .nan : $0 < $1 ? $0 : $1 }
    case .equal: { $0 == $1 ? 1 : 0 }
    case .notEqual: { $0 != $1 ? 1 : 0 }
    case .less: { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: { $0 <= $1 ? 1 : 0 }
    case .greater: { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: { $0 >= $1 ? 1 : 0 }
    case .and: { $0 != 0 && $1 != 0 ? 1 : 0 }
    case .or: { $0 != 0 || $1 != 0 ? 1 : 0 }
    case .exclusiveOr: { ($0 != 0) != ($1 != 0) ? 1 : 0 }
    case .modulo, .power: nil
    }
  }
}
