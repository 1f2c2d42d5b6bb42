extension BinaryOperator {
  /// The operator that a mark stands for; nil for other words.
  init?(_ word: Word) {
    switch word {
    case .plus: self = .add
    case .minus: self = .subtract
    case .star: self = .multiply
    case .at: self = .matrixMultiply
    case .slash: self = .divide
    case .doubleSlash: self = .floorDivide
    case .percent: self = .modulo
    case .doubleStar: self = .power
    case .shiftLeft: self = .shiftLeft
    case .shiftRight: self = .shiftRight
    case .ampersand: self = .bitAnd
    case .bar: self = .bitOr
    case .caret: self = .bitXor
    default: return nil
    }
  }
}

extension ComparisonOperator {
  /// The operator that a single word stands for; nil for other words.
  init?(_ word: Word) {
    switch word {
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    case .is: self = .is
    case .in: self = .in
    default: return nil
    }
  }
}
