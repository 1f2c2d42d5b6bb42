/// One extent of a shape; the extent may be unknown before the model runs.
public enum Dimension: Hashable, Sendable, CustomStringConvertible {
  /// A known extent.
  case fixed(Int)
  /// A free extent: a name, or a formula of names; free extents of equal formulas are equal.
  case free(Formula)

  /// The known extent, or nil when the extent is free.
  public var value: Int? { if case .fixed(let value) = self { value } else { nil } }

  /// The extent or its formula.
  public var description: String {
    switch self {
    case .fixed(let value): String(value)
    case .free(let formula): formula.description
    }
  }

  /// Whether both extents may be equal.
  package func agrees(with other: Dimension) -> Bool {
    guard let value, let otherValue = other.value else { return true }
    return value == otherValue
  }
}

// Extents computed from others; an extent that exceeds an `Int`, or whose formula would be very
// long, becomes the largest `Int`, which no shape may have.
extension Dimension {
  private static let tooLarge = Dimension.fixed(.max)

  /// This extent and `number` more.
  package func plus(_ number: Int) -> Dimension { plus(.fixed(number)) }

  /// The sum of both extents.
  package func plus(_ other: Dimension) -> Dimension {
    if let value, let number = other.value {
      let (sum, overflow) = value.addingReportingOverflow(number)
      return overflow ? Self.tooLarge : .fixed(sum)
    }
    return formula.adding(other.formula)?.dimension ?? Self.tooLarge
  }

  /// This extent times `factor`.
  package func times(_ factor: Int) -> Dimension { times(.fixed(factor)) }

  /// The product of both extents.
  package func times(_ other: Dimension) -> Dimension {
    if let value, let factor = other.value {
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      return overflow ? Self.tooLarge : .fixed(product)
    }
    return formula.multiplied(by: other.formula)?.dimension ?? Self.tooLarge
  }

  /// The quotient; nil when it is not known to be a whole number.
  package func divided(exactlyBy divisor: Dimension) -> Dimension? {
    if let value, let number = divisor.value {
      return number > 0 && value % number == 0 ? .fixed(value / number) : nil
    }
    return formula.divided(exactlyBy: divisor.formula)?.dimension
  }

  /// This extent divided by `divisor`, rounded down or up to a whole number.
  package func divided(by divisor: Int, roundsUp: Bool) -> Dimension {
    guard divisor != 1 else { return self }
    switch self {
    case .fixed(let value): return .fixed((value + (roundsUp ? divisor - 1 : 0)) / divisor)
    case .free(let formula):
      return formula.divided(by: divisor, roundsUp: roundsUp)?.dimension ?? Self.tooLarge
    }
  }

  /// One more than this extent minus 1, divided and rounded down: the number of steps of a length.
  func dividedPlusOne(by divisor: Int) -> Dimension {
    divisor == 1 ? self : plus(-1).divided(by: divisor, roundsUp: false).plus(1)
  }

  /// This extent, called `name` if its formula has become long.
  func shortened(_ name: String) -> Dimension {
    if case .free(let own) = self, own.description.utf8.count > 60 {
      .free("\(name)")
    } else {
      self
    }
  }

  /// The same extent with other names for some free extents.
  package func renamed(_ names: [String: String]) -> Dimension {
    guard case .free(let formula) = self else { return self }
    return formula.renamed(names)?.dimension ?? Self.tooLarge
  }

  private var formula: Formula {
    switch self {
    case .fixed(let value): Formula(number: value)
    case .free(let formula): formula
    }
  }
}

/// A shape as all messages print it: `[batch, 10, 3]`.
package func text(_ shape: [Dimension]) -> String {
  "[" + shape.map(\.description).joined(separator: ", ") + "]"
}
