/// One extent of a shape; the extent may be unknown before the model runs.
public enum Dimension: Hashable, Sendable, CustomStringConvertible {
  /// A known extent.
  case fixed(Int)
  /// A free extent; free extents of the same name are equal.
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

/// A shape as all messages print it: `[batch, 10, 3]`.
package func text(_ shape: [Dimension]) -> String {
  "[" + shape.map(\.description).joined(separator: ", ") + "]"
}
