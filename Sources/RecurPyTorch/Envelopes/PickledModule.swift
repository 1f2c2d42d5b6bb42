import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors

/// Reads the state dict of a pickled `nn.Module` or of a TorchScript module, and the options of the
/// modules in it (torch/nn/modules/module.py, `_save_to_state_dict`).
struct PickledModule {
  private var pickle: TorchPickle
  private let limits: DecodeLimits
  private let isTolerant: Bool
  private(set) var stateDict = StateDict()
  private var work = 0

  /// The state dict of the module at `reference`.
  ///
  /// - Throws: `pickle.callable.refused` for a parameter that is no tensor,
  ///   `pytorch.tensor.unsupported`,
  ///   `bytes.limit-exceeded` for modules without end, and what reading a tensor throws.
  static func read(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle, _ limits: DecodeLimits,
    isTolerant: Bool
  ) throws(CheckpointError) -> StateDict {
    var reader = PickledModule(pickle: pickle, limits: limits, isTolerant: isTolerant)
    try reader.module(reference, "", depth: 0)
    return reader.stateDict
  }

  private init(pickle: TorchPickle, limits: DecodeLimits, isTolerant: Bool) {
    self.pickle = pickle
    self.limits = limits
    self.isTolerant = isTolerant
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
    work += attributes.count + 1
    guard depth < limits.nesting, work <= limits.pickleValues,
      stateDict.modules.count < limits.objects
    else {
      throw CheckpointError(
        .limitExceeded, "modules hold each other without end", at: pickle.place(reference))
    }
    stateDict.modules.append(
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
      if Self.isScriptModule(value, pickle) {
        try module(value, prefix + name, depth: depth + 1)
      } else if let type = pickle.typeName(value), type.hasPrefix(Self.packed) {
        try note(
          pickle.unsupported(
            "'\(prefix + name)' holds packed weights ('\(type.dropFirst("__torch__.".count))')",
            value, hint: "save the model before it is quantized"))
      }
    }
  }

  // MARK: both

  private mutating func append(
    _ key: String, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    if case .none = pickle.graph[reference] { return }
    guard stateDict.tensors.names.count < limits.objects else {
      throw CheckpointError(
        .limitExceeded, "more than \(limits.objects) tensors", at: pickle.place(reference))
    }
    do throws(CheckpointError) {
      try stateDict.tensors.append(key, pickle.tensor(reference, key))
    } catch {
      try note(error.located(object: key))
    }
  }

  /// A tensor of a kind that is not read ends a conversion; an inspection lists it.
  private mutating func note(_ error: CheckpointError) throws(CheckpointError) {
    guard isTolerant, let warning = error.asUnreadTensor else { throw error }
    stateDict.diagnostics.append(warning)
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
