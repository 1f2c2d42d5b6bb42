/// The values that a pickle builds, as data: the functions it names are never called.
///
/// Values refer to each other by position, so shared and cyclic structures need no copies and can't
/// be expanded by accident. Code that walks a graph must limit its own depth and work.
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
    /// A Python object named by its module, kept as two strings.
    case global(module: String, name: String)
    /// The result of a call that is never made.
    case call(Call)
    /// An object stored outside the pickle, such as a storage of torch.
    case persistent(Reference)
  }

  /// An object that calling `function` would make, and the changes made to the object afterwards.
  package struct Call: Sendable {
    package var function: Reference
    package var arguments: Reference
    /// The keyword arguments of NEWOBJ_EX.
    package var keywords: Reference?
    /// The states that BUILD would set, in order.
    package var states: [Reference] = []
    /// The items that SETITEM and SETITEMS would store in the object.
    package var items: [Item] = []
    /// The elements that APPEND, APPENDS and ADDITEMS would add to the object.
    package var elements: [Reference] = []
  }

  package let nodes: [Node]
  package let root: Reference
  /// The offset of each node in the pickle, for diagnostics.
  package let offsets: [Int]

  package subscript(reference: Reference) -> Node { nodes[reference] }

  /// The text at `reference`, or nil when the value is no string.
  package func string(_ reference: Reference) -> String? {
    if case .string(let text) = nodes[reference] { text } else { nil }
  }

  /// The number at `reference`, or nil when the value is no 64-bit integer.
  package func integer(_ reference: Reference) -> Int? {
    if case .integer(let value) = nodes[reference] { value } else { nil }
  }

  /// The call at `reference`, or nil when the value is no call.
  package func call(_ reference: Reference) -> Call? {
    if case .call(let call) = nodes[reference] { call } else { nil }
  }

  /// The elements of the tuple or list at `reference`, or nil for other values.
  package func elements(_ reference: Reference) -> [Reference]? {
    switch nodes[reference] {
    case .tuple(let elements), .list(let elements): elements
    case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .dictionary, .set, .global,
      .call, .persistent:
      nil
    }
  }

  /// The dotted name of the global at `reference`, or nil for other values.
  package func globalName(_ reference: Reference) -> String? {
    if case .global(let module, let name) = nodes[reference] { "\(module).\(name)" } else { nil }
  }

  /// The dotted name of the function of the call at `reference`, or nil for other values.
  package func callee(_ reference: Reference) -> String? {
    call(reference).flatMap { globalName($0.function) }
  }

  /// The items of a dictionary or of an object filled like a dictionary, in order; nil for other
  /// values.
  ///
  /// Python 2 stores the items of an `OrderedDict` as a list of pairs, the argument of its call.
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

  /// The attributes that BUILD would set on the object at `reference`, in order.
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
