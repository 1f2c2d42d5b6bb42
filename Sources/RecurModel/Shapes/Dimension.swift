/// One extent of a shape; the extent may be unknown before the model runs.
public enum Dimension: Hashable, Sendable, CustomStringConvertible {
  /// A known extent.
  case fixed(Int)
  /// A free extent; free extents of the same name are equal.
  ///
  /// An extent that is computed from a free one is named by its formula: `2·timesteps+1`.
  case free(String)

  /// The known extent, or nil when the extent is free.
  public var value: Int? { if case .fixed(let value) = self { value } else { nil } }

  /// The extent or its name.
  public var description: String {
    switch self {
    case .fixed(let value): String(value)
    case .free(let name): name
    }
  }

  /// Whether both extents may be equal.
  package func agrees(with other: Dimension) -> Bool {
    guard let value, let otherValue = other.value else { return true }
    return value == otherValue
  }
}

// Extents computed from others; a known extent that exceeds an `Int` becomes the largest one.
extension Dimension {
  /// This extent and `number` more.
  func plus(_ number: Int) -> Dimension {
    guard number != 0 else { return self }
    switch self {
    case .fixed(let value):
      let (sum, overflow) = value.addingReportingOverflow(number)
      return .fixed(overflow ? .max : sum)
    case .free(let name):
      // A number at the end of a sum is part of the same sum: timesteps+2-1 is timesteps+1.
      let (head, own) = Self.sum(name)
      let total = own + number
      return .free(total == 0 ? head : total > 0 ? "\(head)+\(total)" : "\(head)\(total)")
    }
  }

  /// This extent times `factor`.
  func times(_ factor: Int) -> Dimension {
    guard factor != 1 else { return self }
    switch self {
    case .fixed(let value):
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      return .fixed(overflow ? .max : product)
    case .free(let name):
      let (head, own) = Self.sum(name)
      return .free(own == 0 ? "\(factor)·\(head)" : "\(factor)·(\(name))")
    }
  }

  /// This extent divided by `divisor`, rounded down or up to a whole number.
  func divided(by divisor: Int, roundsUp: Bool) -> Dimension {
    guard divisor != 1 else { return self }
    switch self {
    case .fixed(let value): return .fixed((value + (roundsUp ? divisor - 1 : 0)) / divisor)
    case .free(let name):
      let (head, own) = Self.sum(name)
      let sum = own == 0 ? head : "(\(name))"
      return .free(roundsUp ? "⌈\(sum)/\(divisor)⌉" : "⌊\(sum)/\(divisor)⌋")
    }
  }

  /// One more than this extent minus 1, divided and rounded down: the number of steps of a length.
  func dividedPlusOne(by divisor: Int) -> Dimension {
    divisor == 1 ? self : plus(-1).divided(by: divisor, roundsUp: false).plus(1)
  }

  /// This extent, called `name` if its formula has become long.
  func shortened(_ name: String) -> Dimension {
    if case .free(let own) = self, own.utf8.count > 60 { .free(name) } else { self }
  }

  /// A name as a sum: all before the last sign, and the number behind it.
  private static func sum(_ name: String) -> (head: String, number: Int) {
    guard let sign = name.lastIndex(where: { $0 == "+" || $0 == "-" }), sign != name.startIndex,
      let number = Int(name[sign...])
    else { return (name, 0) }
    return (String(name[..<sign]), number)
  }
}

/// A shape as all messages print it: `[batch, 10, 3]`.
package func text(_ shape: [Dimension]) -> String {
  "[" + shape.map(\.description).joined(separator: ", ") + "]"
}
