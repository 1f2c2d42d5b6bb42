/// What a pickle builds, as data: nothing in it was ever called.
///
/// Values refer to each other by position, so shared and cyclic structures cost nothing and can't
/// be expanded by accident.
package struct PickleGraph: Sendable {
  /// A position in ``nodes``.
  package typealias Reference = Int

  package enum Node: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer beyond 64 bits, little-endian two's complement.
    case bigInteger([UInt8])
    case float(Double)
    case string(String)
    case bytes([UInt8])
    case tuple([Reference])
    case list([Reference])
    case dictionary([(key: Reference, value: Reference)])
    case set([Reference])
    /// A Python object named by its module: kept as two strings.
    case global(module: String, name: String)
    /// What calling `function` would have made; `state` is what BUILD would have set.
    case call(function: Reference, arguments: Reference, state: Reference?)
    /// An object stored outside the pickle: torch's storages.
    case persistent(Reference)
  }

  package let nodes: [Node]
  package let root: Reference
  /// Where each node began in the pickle, for diagnostics.
  package let offsets: [Int]

  package subscript(reference: Reference) -> Node { nodes[reference] }

  /// The text at `reference`, or nil when it is no string.
  package func string(_ reference: Reference) -> String? {
    if case .string(let text) = nodes[reference] { text } else { nil }
  }

  /// The number at `reference`, or nil when it is no 64-bit integer.
  package func integer(_ reference: Reference) -> Int? {
    if case .integer(let value) = nodes[reference] { value } else { nil }
  }

  /// The elements of the tuple or list at `reference`, or nil.
  package func elements(_ reference: Reference) -> [Reference]? {
    switch nodes[reference] {
    case .tuple(let elements), .list(let elements): elements
    default: nil
    }
  }

  /// The dotted name of the global at `reference`, or nil.
  package func globalName(_ reference: Reference) -> String? {
    if case .global(let module, let name) = nodes[reference] { "\(module).\(name)" } else { nil }
  }
}
