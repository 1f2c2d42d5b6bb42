/// One extent of a shape that may not be known before the model runs.
public enum Dimension: Hashable, Sendable, CustomStringConvertible {
  /// A number.
  case fixed(Int)
  /// Any number; the same name means the same number.
  case free(String)

  /// The number, or nil when it is free.
  public var value: Int? { if case .fixed(let value) = self { value } else { nil } }

  /// The number or the name.
  public var description: String {
    switch self {
    case .fixed(let value): String(value)
    case .free(let name): name
    }
  }

  /// Whether both may be the same number.
  package func agrees(with other: Dimension) -> Bool {
    guard let value, let otherValue = other.value else { return true }
    return value == otherValue
  }
}

/// A shape as it is written everywhere: `[batch, 10, 3]`.
package func text(_ shape: [Dimension]) -> String {
  "[" + shape.map(\.description).joined(separator: ", ") + "]"
}
