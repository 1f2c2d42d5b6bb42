import RecurFormats
import RecurModel
import RecurSource
import RecurTensors

extension SourceInterpreter {
  package mutating func attribute(
    _ owner: SourceValue, _ name: String
  ) throws(SourceStop) -> SourceValue {
    switch owner {
    case .object(let object): return try attribute(of: object, name)
    case .foreign(let value): return try value.attribute(name, &self)
    case .parent(let object, let type):
      if case .function(let function)? = object.type?.member(name, behind: type) {
        return .method(function, .object(object))
      }
      return .bound(owner, name)
    case .type(let type):
      if let value = type.member(name) {
        if case .function(let function) = value, function.kinds.contains("classmethod") {
          return .method(function, owner)
        }
        return value
      }
      if name == "__name__" { return .text(type.name) }
      return unknown("the class '\(type.name)' has no '\(name)'")
    case .library(let library):
      if let value = try dialect?.member(name, of: library, &self) { return value }
      if library.hasPrefix("\u{1}"), let number = Int(library.dropFirst()) {
        return scope(of: number).values[name] ?? unknown("the source has no '\(name)'")
      }
      return SourceBuiltins.constant("\(library).\(name)") ?? .library("\(library).\(name)")
    case .unknown(let unknown): return .unknown(unknown)
    case .plain(let plain):
      if let own = owner.openName {
        // a part of something that the constructor is given: `config.hidden_size`
        return open("\(own).\(name)")
      }
      return try attribute(of: plain, name)
    case .argument(let own): return try attribute(.plain(input(own)), name)
    case .packed(let packed):
      if name == "data" { return .plain(packed.data) }
      return .bound(owner, name)
    case .tuple(let values) where values.count == 2 && ["values", "indices"].contains(name):
      return values[name == "values" ? 0 : 1]
    case .step(let step) where name == "shape":
      guard let sequence = step.sequence else { return .bound(owner, name) }
      return try attribute(of: row(sequence), name)
    default: return .bound(owner, name)
    }
  }

  private mutating func attribute(
    of object: SourceObject, _ name: String
  ) throws(SourceStop) -> SourceValue {
    if phase == .forward, object.tensors[name] != nil { return try tensor(object, name) }
    if let value = object[name] {
      if phase == .forward, object.isModule {
        readAttributes.insert(SourceTensorName(object, name))
      }
      return value
    }
    if let child = object.children.first(where: { $0.name == name }) { return child.value }
    if let value = object.type?.member(name) {
      guard case .function(let function) = value else { return value }
      if function.kinds.contains("property") { return try call(function, .object(object), .init()) }
      if function.kinds.contains("staticmethod") { return value }
      return .method(function, .object(object))
    }
    if object.isModule {
      if name == "training" { return .flag(false) }
      if phase == .forward, let names = try recurrentWeights(object, name) { return names }
      if let kind = object.kind, phase == .forward, kind.hasTensor(name) {
        return try tensor(object, name)
      }
      return .bound(.object(object), name)
    }
    return unknown("a \(object.className) has no '\(name)'")
  }

  private mutating func attribute(
    of plain: GraphValue, _ name: String
  ) throws(SourceStop) -> SourceValue {
    guard plain.isArray else { return .bound(.plain(plain), name) }
    switch name {
    case "shape":
      return .tuple(try extents(plain).map { .plain(.size($0)) })
    case "ndim":
      return .integer(try extents(plain).count)
    case "dtype": return .plain(builder.type(plain).map { .type($0) } ?? .nothing)
    case "device": return .text("cpu")
    case "data", "real": return .plain(plain)
    case "is_cuda", "requires_grad", "is_nested", "is_sparse", "is_quantized", "is_mps":
      return .flag(false)
    case "T", "mT":
      return try torch("transpose", [.plain(plain), .integer(-2), .integer(-1)])
    default: return .bound(.plain(plain), name)
    }
  }

  /// A value that the constructor is given from outside.
  package mutating func open(_ name: String) -> SourceValue {
    asked.insert(name)
    return known[name] ?? .plain(.size(.open(name)))
  }

  /// A parameter or a buffer of a module.
  mutating func tensor(_ object: SourceObject, _ name: String) throws(SourceStop) -> SourceValue {
    if let written = written[SourceTensorName(object, name)] { return .plain(written) }
    let key = StateDictKeys.joined(object.path ?? "", name)
    readKeys.insert(key)
    if let final = finals[key] { return .plain(final) }
    if facts.contains(.state(key)) { return .plain(try state(object, name, key)) }
    if let tensor = tensors[key] { return .plain(.known(KnownArray(tensor, name: key))) }
    // tied: the tensor of another module
    if let value = object[name], value.array != nil { return value }
    if let value = object[name], value.isNone { return .none }
    throw problem("the weights have no '\(key)'", code: .sourceModel)
  }

  /// A buffer that is a state of the model.
  private mutating func state(
    _ object: SourceObject, _ name: String, _ key: String
  ) throws(SourceStop) -> GraphValue {
    if let known = inputs[key]?.array { return known }
    let initial =
      tensors[key] ?? object[name]?.array?.known.flatMap { $0.isStored ? $0.array : nil }
    guard let initial else { throw problem("the state '\(key)' has an unknown shape") }
    guard initial.doubles().allSatisfy({ $0 == 0 }) else {
      throw problem(
        "the state '\(key)' does not begin with zeros", hint: "save the model after a reset")
    }
    let value = try graph { builder throws(CheckpointError) in
      try builder.input(
        key, shape: initial.shape.map { .fixed($0) }, type: initial.elementType)
    }
    inputs[key] = .plain(value)
    return value
  }

  /// A value that is about to be used: an argument of the model becomes an input.
  mutating func settled(_ value: SourceValue) throws(SourceStop) -> SourceValue {
    if case .argument(let name) = value { return .plain(try input(name)) }
    if case .bound(let inner, "nn.Parameter") = value { return inner }
    return value
  }
}

/// A tensor of an object.
struct SourceTensorName: Hashable {
  let object: ObjectIdentifier
  let name: String

  init(_ object: SourceObject, _ name: String) {
    self.object = ObjectIdentifier(object)
    self.name = name
  }
}
