import RecurContainers

extension TorchPickle {
  /// What a value in a pickle is, as far as numbers go.
  enum Kind {
    /// A tensor, of a kind that is read or not.
    case tensor
    /// An array or a scalar of NumPy.
    case array
    /// An object of torch that holds packed weights.
    case packed(PackedParameters.Content)
    /// A storage by itself.
    case storage
    case dictionary([PickleGraph.Item])
    case list([PickleGraph.Reference])
    /// A number with a fraction, or a complex one.
    case number
    /// A whole number or a Boolean.
    case integer
    case bytes
    /// An object of a class that means nothing here.
    case object(String)
    /// Text, None, classes and what else holds no numbers.
    case plain
  }

  /// What the value at `reference` is.
  func kind(_ reference: PickleGraph.Reference) -> Kind {
    let reference = unwrapped(reference)
    if isTensor(reference) { return .tensor }
    if PickledArray.isArray(reference, graph) { return .array }
    if let content = PackedParameters.content(reference, self) { return .packed(content) }
    if graph.bytes(reference) != nil, graph.string(reference) == nil { return .bytes }
    if let items = graph.items(reference) { return .dictionary(items) }
    switch graph[reference] {
    case .none, .string, .global: return .plain
    case .bool, .integer, .bigInteger: return .integer
    case .float: return .number
    case .bytes: return .bytes
    case .tuple(let elements), .list(let elements), .set(let elements): return .list(elements)
    case .dictionary(let items): return .dictionary(items)
    case .persistent: return TorchStorageID(graph, reference) == nil ? .plain : .storage
    case .call(let call):
      let name = typeName(reference) ?? "?"
      if let elements = Self.listed(call, name, graph) { return .list(elements) }
      if ["builtins.complex", "__builtin__.complex"].contains(name) { return .number }
      return TorchCallables.isPlain(name) ? .plain : .object(name)
    }
  }

  /// The elements of what Python makes by calling a type of collections.
  private static func listed(
    _ call: PickleGraph.Call, _ name: String, _ graph: PickleGraph
  ) -> [PickleGraph.Reference]? {
    let types = ["set", "frozenset", "list", "tuple"].flatMap {
      ["builtins.\($0)", "__builtin__.\($0)"]
    }
    let arguments = graph.elements(call.arguments) ?? []
    if types.contains(name) || name == "collections.deque" {
      return (arguments.first.flatMap { graph.elements($0) } ?? []) + call.elements
    }
    return name == "array.array" && arguments.count == 2 ? graph.elements(arguments[1]) : nil
  }

  /// The values that a value holds, with the name of each; empty for those that hold none.
  ///
  /// What made an object is named by its place, its attributes by their names.
  func parts(_ kind: Kind, _ reference: PickleGraph.Reference) -> [PackedParameters.Part] {
    switch kind {
    case .dictionary(let items):
      return items.map { (name(ofKey: $0.key), $0.value) }
        + graph.attributes(reference).filter { $0.name != "_metadata" }
    case .list(let elements): return elements.enumerated().map { ("\($0.offset)", $0.element) }
    case .packed(.other), .object:
      guard let call = graph.call(unwrapped(reference)) else { return [] }
      let attributes = graph.attributes(unwrapped(reference))
      let states = attributes.isEmpty ? call.states : []
      let positional =
        (graph.elements(call.arguments) ?? []) + call.elements + states
      return attributes + positional.enumerated().map { ("\($0.offset)", $0.element) }
        + call.items.map { (name(ofKey: $0.key), $0.value) }
    case .packed(.linear(let parts)), .packed(.cell(let parts)): return parts
    case .tensor, .array, .storage, .number, .integer, .bytes, .plain: return []
    }
  }

  /// A key of a dictionary as a part of a longer name.
  func name(ofKey reference: PickleGraph.Reference) -> String {
    if let text = graph.string(reference) { return text }
    if let number = graph.integer(reference) { return "\(number)" }
    let elements = graph.elements(reference) ?? []
    guard !elements.isEmpty, elements.count <= 4 else { return PlainValue.text(reference, self) }
    return elements.map { PlainValue.text($0, self) }.joined(separator: "_")
  }

  /// Whether the dictionary or object at `reference` is the state of an optimizer.
  func isOptimizer(_ reference: PickleGraph.Reference) -> Bool {
    let reference = unwrapped(reference)
    let names =
      graph.items(reference)?.compactMap { graph.string($0.key) }
      ?? graph.attributes(reference).map(\.name)
    return names.contains("state") && names.contains("param_groups")
  }
}

/// Finds the numbers that a value holds, by name: tensors, arrays and the like, and plain numbers.
struct NumberScan {
  /// Names of tensors, arrays, storages and packed weights, in file order.
  private(set) var tensors: [String] = []
  /// The values that have these names.
  private(set) var references: [PickleGraph.Reference] = []
  /// How many plain numbers there are besides.
  private(set) var numberCount = 0

  private let pickle: TorchPickle
  /// The values that were looked at, besides those that were not to be.
  private(set) var seen: Set<PickleGraph.Reference>

  /// Looks through the value at `reference`, whose name is `name`.
  ///
  /// Values in `except` are not looked into, and after `most` tensors the rest is not looked for.
  init(
    _ reference: PickleGraph.Reference, named name: String, _ pickle: TorchPickle,
    except: Set<PickleGraph.Reference> = [], most: Int = .max
  ) {
    self.pickle = pickle
    seen = except
    // Every value is looked at once, so shared and cyclic structures end.
    var pending = [(name: name, reference: reference)]
    while let (name, reference) = pending.popLast() {
      let reference = pickle.unwrapped(reference)
      let kind = pickle.kind(reference)
      switch kind {
      case .number, .integer:
        numberCount += 1
        continue
      case .plain: continue
      case .tensor, .array, .packed(.linear), .packed(.cell), .storage, .bytes, .dictionary, .list,
        .object, .packed(.other):
        guard seen.insert(reference).inserted else { continue }
      }
      switch kind {
      case .tensor, .array, .packed(.linear), .packed(.cell), .storage:
        tensors.append(name)
        references.append(reference)
      case .dictionary, .list, .object, .packed(.other):
        // Names of what is nested beyond all measure end with what it is nested in.
        let isLong = name.utf8.count > 200
        pending += pickle.parts(kind, reference).reversed().map { part in
          (isLong ? name : StateDictKeys.joined(name, part.name), part.reference)
        }
      case .bytes, .number, .integer, .plain: continue
      }
      if tensors.count >= most { return }
    }
  }
}
