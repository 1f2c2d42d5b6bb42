import RecurContainers
import RecurFormats
import RecurStateDicts
package import RecurTensors

/// Reads the state dict of a pickled `nn.Module` or of a TorchScript module, and the options of the
/// modules in it (torch/nn/modules/module.py, `_save_to_state_dict`).
struct PickledModule {
  private let pickle: TorchPickle
  private let limits: DecodeLimits
  private var entries: PickledEntries
  private var work = 0
  /// What modules hold besides parameters, kept buffers and modules.
  private var besides: [Attribute] = []
  /// The modules and tensors that were read.
  private var known: Set<PickleGraph.Reference> = []

  /// The state dict of the module at `reference`, and the values in the pickle that are its tensors.
  ///
  /// With `leavesObjects`, someone else takes the tensors that a state dict would not have.
  ///
  /// - Throws: `pickle.callable.refused` for a parameter that is no tensor,
  ///   `pytorch.tensor.unsupported`,
  ///   `bytes.limit-exceeded` for modules without end, and what reading a tensor throws.
  static func read(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle, _ limits: DecodeLimits,
    isTolerant: Bool, leavesObjects: Bool = false
  ) throws(CheckpointError) -> (stateDict: StateDict, taken: Set<PickleGraph.Reference>) {
    var reader = PickledModule(
      pickle: pickle, limits: limits,
      entries: PickledEntries(
        pickle, limits, isTolerant: isTolerant, leavesObjects: leavesObjects))
    try reader.module(reference, "", depth: 0)
    var stateDict = try reader.entries.finished()
    if !leavesObjects, let note = reader.unregistered(reference) {
      stateDict.diagnostics.append(note)
    }
    return (stateDict, reader.entries.taken)
  }

  private init(pickle: TorchPickle, limits: DecodeLimits, entries: PickledEntries) {
    self.pickle = pickle
    self.limits = limits
    self.entries = entries
  }

  private typealias Attribute = (name: String, value: PickleGraph.Reference)

  /// Whether the object at `reference` has the attributes of every module.
  static func isModule(
    _ reference: PickleGraph.Reference,
    _ attributes: [(name: String, value: PickleGraph.Reference)], _ pickle: TorchPickle
  ) -> Bool {
    if pickle.isScript { return isScriptModule(reference, pickle) }
    return attributes.contains { $0.name == "_parameters" }
      && attributes.contains { $0.name == "_modules" }
  }

  private static func isScriptModule(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> Bool {
    let name = pickle.typeName(reference) ?? ""
    return name.hasPrefix("__torch__.") && !name.hasPrefix(packed)
  }

  /// Classes in C++, whose weights have a form of their own.
  private static let packed = "__torch__.torch.classes."

  private mutating func module(
    _ reference: PickleGraph.Reference, _ key: String, depth: Int
  ) throws(CheckpointError) {
    let attributes = pickle.graph.attributes(reference)
    known.insert(pickle.unwrapped(reference))
    work += attributes.count + 1
    guard depth < limits.nesting, work <= limits.pickleValues,
      entries.stateDict.modules.count < limits.objects
    else {
      throw CheckpointError(
        .limitExceeded, "modules hold each other without end", at: pickle.place(reference))
    }
    entries.stateDict.modules.append(
      PyTorchModuleRecord(
        key: key, className: className(reference), options: options(attributes),
        isScript: pickle.isScript))
    let prefix = key.isEmpty ? "" : key + "."
    if pickle.isScript {
      try scriptAttributes(attributes, prefix, depth)
    } else {
      try registered(attributes, prefix, depth)
    }
  }

  // MARK: nn.Module

  private mutating func registered(
    _ attributes: [Attribute], _ prefix: String, _ depth: Int
  ) throws(CheckpointError) {
    let hidden = Set(names(last("_non_persistent_buffers_set", attributes)))
    for item in try items("_parameters", attributes) {
      try append(prefix + item.name, item.value)
    }
    for item in try items("_buffers", attributes) where !hidden.contains(Name(item.name)) {
      try append(prefix + item.name, item.value)
    }
    for item in try items("_modules", attributes) {
      if case .none = pickle.graph[item.value] { continue }
      let child = pickle.graph.attributes(item.value)
      guard Self.isModule(item.value, child, pickle) else { throw pickle.refused(item.value) }
      try module(item.value, prefix + item.name, depth: depth + 1)
    }
    for item in try items("_buffers", attributes) where hidden.contains(Name(item.name)) {
      besides.append((prefix + item.name, item.value))
    }
    let own = Set(["_parameters", "_buffers", "_modules"].map { Name($0) })
    for (name, value) in attributes where !own.contains(Name(name)) {
      if case .packed(let content) = pickle.kind(value) {
        try entries.packed(prefix + name, content, value)
      } else {
        besides.append((prefix + name, value))
      }
    }
  }

  /// A note on the tensors that torch saves with a module and not with its state dict.
  private func unregistered(_ reference: PickleGraph.Reference) -> Diagnostic? {
    var seen = known
    var names: [String] = []
    for (name, value) in besides {
      let found = NumberScan(value, named: name, pickle, except: seen, most: 200)
      seen = found.seen
      names += found.tensors.map { "'\($0)'" }
      guard names.count < 1_000 else { break }
    }
    guard !names.isEmpty else { return nil }
    let isOne = names.count == 1
    return Diagnostic(
      .pytorchUnregistered, .note,
      "\(counted(names.count, "tensor")) of the module \(isOne ? "is" : "are") no parameter and no kept "
        + "buffer; a state dict would not have \(isOne ? "it" : "them"), and \(isOne ? "it is" : "they are") "
        + "left out", at: pickle.place(reference), notes: names)
  }

  private func last(_ name: String, _ attributes: [Attribute]) -> PickleGraph.Reference? {
    attributes.last { $0.name == name }?.value
  }

  private mutating func items(
    _ name: String, _ attributes: [Attribute]
  ) throws(CheckpointError) -> [Attribute] {
    guard let reference = last(name, attributes) else { return [] }
    guard let items = pickle.graph.items(reference) else {
      throw pickle.invalid("'\(name)' of a module is no dictionary", reference)
    }
    work += items.count
    guard work <= limits.pickleValues else {
      throw CheckpointError(
        .limitExceeded, "modules hold each other without end", at: pickle.place(reference))
    }
    var named: [Attribute] = []
    for item in items {
      guard let name = pickle.graph.string(item.key) else {
        throw pickle.invalid("a name in '\(name)' of a module is no string", item.key)
      }
      named.append((name, item.value))
    }
    return named
  }

  /// The strings of a set, which is a set or a call of Python's `set` with a list.
  private func names(_ reference: PickleGraph.Reference?) -> [Name] {
    guard let reference else { return [] }
    var elements = pickle.graph.call(reference).map(\.elements) ?? []
    if case .set(let members) = pickle.graph[reference] { elements = members }
    if let call = pickle.graph.call(reference), let list = pickle.graph.elements(call.arguments) {
      elements += list.first.flatMap { pickle.graph.elements($0) } ?? []
    }
    return elements.compactMap { pickle.graph.string($0) }.map { Name($0) }
  }

  // MARK: TorchScript

  /// TorchScript does not say which tensors are parameters or buffers.
  private mutating func scriptAttributes(
    _ attributes: [Attribute], _ prefix: String, _ depth: Int
  ) throws(CheckpointError) {
    for (name, value) in attributes where pickle.isTensor(value) {
      try append(prefix + name, value)
    }
    for (name, value) in attributes {
      let kind = pickle.kind(value)
      if Self.isScriptModule(value, pickle) {
        try module(value, prefix + name, depth: depth + 1)
        continue
      }
      switch kind {
      case .packed(let content): try entries.packed(prefix + name, content, value)
      case .list, .dictionary:
        guard !NumberScan(value, named: name, pickle, most: 1).tensors.isEmpty else { continue }
        try entries.entries([(prefix + name, value)], of: value)
      case .tensor, .array, .storage, .number, .integer, .bytes, .object, .plain: continue
      }
    }
  }

  // MARK: both

  private mutating func append(
    _ key: String, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    if case .none = pickle.graph[reference] { return }
    known.insert(pickle.unwrapped(reference))
    try entries.tensor(key, reference)
  }

  private func className(_ reference: PickleGraph.Reference) -> String {
    let name = pickle.typeName(reference) ?? "?"
    guard pickle.isScript else { return name }
    let parts = name.split(separator: ".").dropFirst().filter { part in
      !part.hasPrefix("___torch_mangle_")
    }
    return parts.joined(separator: ".")
  }

  /// The attributes with plain values, without the bookkeeping of nn.Module.
  private func options(_ attributes: [Attribute]) -> [(name: String, value: JSONValue)] {
    var options: [(name: String, value: JSONValue)] = []
    for (name, value) in attributes.prefix(100) where !name.hasPrefix("_") {
      if let plain = PlainValue.json(value, pickle.graph) { options.append((name, plain)) }
    }
    return options
  }
}

extension Diagnostic.Code {
  package static let pytorchUnregistered = Self(rawValue: "pytorch.module.unregistered")
}

extension CheckpointError {
  /// The same error; if it names no object, its object is `object`.
  func located(object: String) -> CheckpointError {
    var error = self
    error.diagnostic = diagnostic.located(object: object)
    return error
  }

  /// The same finding as a warning, if it only says that a kind of tensor is not read.
  var asUnreadTensor: Diagnostic? {
    guard [.pytorchTensorUnsupported, .tensorDtypeUnsupported].contains(diagnostic.code) else {
      return nil
    }
    var warning = diagnostic
    warning.severity = .warning
    return warning
  }
}
