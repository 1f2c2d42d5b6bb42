/// What a pickle builds, as data: nothing in it was ever called.
///
/// Values refer to each other by position, so shared and cyclic structures cost nothing and can't
/// be expanded by accident. Whoever walks a graph must bound its own depth and work.
package struct PickleGraph: Sendable {
  /// A position in ``nodes``.
  package typealias Reference = Int
  /// A key and its value in a dictionary.
  package typealias Item = (key: Reference, value: Reference)

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
    case dictionary([Item])
    case set([Reference])
    /// A Python object named by its module: kept as two strings.
    case global(module: String, name: String)
    /// What a call would have made.
    case call(Call)
    /// An object stored outside the pickle: torch's storages.
    case persistent(Reference)
  }

  /// An object that calling `function` would have made, and what was done to it afterwards.
  package struct Call: Sendable {
    package var function: Reference
    package var arguments: Reference
    /// The keyword arguments of NEWOBJ_EX.
    package var keywords: Reference?
    /// What BUILD would have set, in order.
    package var states: [Reference] = []
    /// What SETITEM and SETITEMS would have stored in it.
    package var items: [Item] = []
    /// What APPEND, APPENDS and ADDITEMS would have added to it.
    package var elements: [Reference] = []
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

  /// The call at `reference`, or nil when it is none.
  package func call(_ reference: Reference) -> Call? {
    if case .call(let call) = nodes[reference] { call } else { nil }
  }

  /// The elements of the tuple or list at `reference`, or nil.
  package func elements(_ reference: Reference) -> [Reference]? {
    switch nodes[reference] {
    case .tuple(let elements), .list(let elements): elements
    case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .dictionary, .set, .global,
      .call, .persistent:
      nil
    }
  }

  /// The dotted name of the global at `reference`, or nil.
  package func globalName(_ reference: Reference) -> String? {
    if case .global(let module, let name) = nodes[reference] { "\(module).\(name)" } else { nil }
  }

  /// The dotted name of what the call at `reference` would have called, or nil.
  package func callee(_ reference: Reference) -> String? {
    call(reference).flatMap { globalName($0.function) }
  }

  /// The items of a dictionary or of an object that became one, in order; nil for anything else.
  ///
  /// Python 2 gives an `OrderedDict` its items as a list of pairs instead of storing them.
  package func items(_ reference: Reference) -> [Item]? {
    switch nodes[reference] {
    case .dictionary(let items): return items
    case .call(let call):
      let isDictionary = globalName(call.function).map(Self.dictionaryTypes.contains) ?? false
      guard isDictionary || !call.items.isEmpty else { return nil }
      return (isDictionary ? givenItems(call) : []) + call.items
    case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .tuple, .list, .set,
      .global, .persistent:
      return nil
    }
  }

  private static let dictionaryTypes: Set<String> = [
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict",
    "__builtin__.dict",
  ]

  private func givenItems(_ call: Call) -> [Item] {
    guard let first = elements(call.arguments)?.first else { return [] }
    if case .dictionary(let items) = nodes[first] { return items }
    return (elements(first) ?? []).compactMap { pair in
      guard let pair = elements(pair), pair.count == 2 else { return nil }
      return (pair[0], pair[1])
    }
  }

  /// The attributes that BUILD would have set on the object at `reference`, in order.
  ///
  /// A state is a dictionary, or a pair of dictionaries for objects with slots.
  package func attributes(_ reference: Reference) -> [(name: String, value: Reference)] {
    var attributes: [(name: String, value: Reference)] = []
    for state in call(reference)?.states ?? [] {
      var parts = [state]
      if case .tuple(let pair) = nodes[state], pair.count == 2 { parts = pair }
      for item in parts.flatMap({ items($0) ?? [] }) {
        if let name = string(item.key) { attributes.append((name, item.value)) }
      }
    }
    return attributes
  }
}
