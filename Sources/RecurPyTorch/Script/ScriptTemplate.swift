import RecurContainers
import RecurFormats
import RecurModel
import RecurSource
import RecurStateDicts
import RecurTensors

/// The objects in the `data.pkl` of a TorchScript archive, from which modules are made as often as the
/// forward pass is read.
struct ScriptTemplate {
  /// A value of an attribute.
  indirect enum Value {
    case plain(GraphValue)
    /// A tensor.
    case tensor(GraphValue)
    /// The object with this number.
    case object(Int)
    case list([Value])
    case tuple([Value])
    case dictionary([(key: SourceKey, value: Value)])
    /// What is no part of a model, and what it is.
    case unknown(String)
  }

  /// An object and its attributes.
  struct Object {
    /// The full name of its class: `__torch__.torch.nn.modules.rnn.LSTM`.
    var className: String
    var attributes: [(name: String, value: Value)] = []
  }

  private(set) var objects: [Object] = []
  private var numbers: [PickleGraph.Reference: Int] = [:]
  private var pickle: TorchPickle
  private let limits: DecodeLimits
  private var work = 0

  /// Reads the objects.
  ///
  /// - Throws: `source.model` when the archive holds no module, `bytes.limit-exceeded`, and what reading
  ///   a tensor throws.
  init(_ pickle: TorchPickle, _ limits: DecodeLimits) throws(CheckpointError) {
    self.pickle = pickle
    self.limits = limits
    let root = pickle.unwrapped(pickle.graph.root)
    guard case .object(0) = try value(root, "", depth: 0) else {
      throw CheckpointError(
        .sourceModel, "the archive holds no module of TorchScript", at: pickle.place(root))
    }
  }

  /// The constants of a program: `c0`, `c1` and so on.
  ///
  /// - Throws: what reading a tensor throws.
  static func constants(
    _ pickle: TorchPickle, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [String: SourceValue] {
    var reader = ScriptTemplate(pickle: pickle, limits: limits)
    let root = pickle.unwrapped(pickle.graph.root)
    guard let elements = pickle.graph.elements(root) else {
      throw pickle.invalid("the constants are no tuple", root)
    }
    var result: [String: SourceValue] = [:]
    for (index, element) in elements.enumerated() {
      let value = try reader.value(element, "CONSTANTS.c\(index)", depth: 0)
      result["c\(index)"] = reader.made(value)
    }
    return result
  }

  private init(pickle: TorchPickle, limits: DecodeLimits) {
    self.pickle = pickle
    self.limits = limits
  }

  private mutating func value(
    _ reference: PickleGraph.Reference, _ key: String, depth: Int
  ) throws(CheckpointError) -> Value {
    let reference = pickle.unwrapped(reference)
    work += 1
    guard depth < limits.nesting, work <= limits.pickleValues, key.utf8.count < 1 << 16 else {
      throw CheckpointError(
        .limitExceeded, "objects hold each other without end", at: pickle.place(reference))
    }
    if pickle.isTensor(reference) {
      do throws(CheckpointError) {
        return .tensor(.known(KnownArray(try pickle.tensor(reference, key), name: key)))
      } catch {
        guard error.asUnreadTensor != nil else { throw error }
        return .unknown(error.diagnostic.message)
      }
    }
    switch pickle.graph[reference] {
    case .none: return .plain(.nothing)
    case .bool(let value): return .plain(.flag(value))
    case .integer(let value): return .plain(.integer(value))
    case .float(let value): return .plain(.number(value))
    case .string(let text): return .plain(.text(text))
    case .list(let elements): return .list(try values(elements, key, depth))
    case .tuple(let elements): return .tuple(try values(elements, key, depth))
    case .dictionary(let items): return try dictionary(items, key, depth)
    case .call: return try object(reference, key, depth)
    case .bigInteger, .bytes, .set, .global, .persistent: return .unknown("a value of another kind")
    }
  }

  private mutating func values(
    _ elements: [PickleGraph.Reference], _ key: String, _ depth: Int
  ) throws(CheckpointError) -> [Value] {
    var result: [Value] = []
    for (index, element) in elements.enumerated() {
      result.append(try value(element, StateDictKeys.joined(key, "\(index)"), depth: depth + 1))
    }
    return result
  }

  private mutating func dictionary(
    _ items: [PickleGraph.Item], _ key: String, _ depth: Int
  ) throws(CheckpointError) -> Value {
    var entries: [(key: SourceKey, value: Value)] = []
    for item in items {
      let own: SourceKey
      if let text = pickle.graph.string(item.key) {
        own = .text(text)
      } else if let number = pickle.graph.integer(item.key) {
        own = .integer(number)
      } else {
        return .unknown("a dictionary with keys of another kind")
      }
      let name = StateDictKeys.joined(key, SourceInterpreter.childName(own))
      entries.append((own, try value(item.value, name, depth: depth + 1)))
    }
    return .dictionary(entries)
  }

  private mutating func object(
    _ reference: PickleGraph.Reference, _ key: String, _ depth: Int
  ) throws(CheckpointError) -> Value {
    if let items = pickle.graph.items(reference) { return try dictionary(items, key, depth) }
    let name = pickle.typeName(reference) ?? "?"
    if name == "torch.device" { return .plain(.text("cpu")) }
    guard name.hasPrefix("__torch__."), !name.hasPrefix("__torch__.torch.classes.") else {
      return .unknown("an object of the class '\(name)', which is not supported")
    }
    if let number = numbers[reference] { return .object(number) }
    let number = objects.count
    numbers[reference] = number
    objects.append(Object(className: name))
    guard objects.count <= limits.objects else {
      throw CheckpointError(
        .limitExceeded, "the archive has more than \(limits.objects) objects",
        at: pickle.place(reference))
    }
    for attribute in pickle.graph.attributes(reference) {
      let own = StateDictKeys.joined(key, attribute.name)
      let value = try value(attribute.value, own, depth: depth + 1)
      objects[number].attributes.append((attribute.name, value))
    }
    return .object(number)
  }

  // MARK: modules

  /// The modules as they are before a call, each with its key.
  func root(_ interpreter: SourceInterpreter) -> SourceObject {
    let made = objects.map { template in
      let parts = template.className.split(separator: ".").map(String.init)
      var type: SourceClass?
      let module = parts.dropLast().joined(separator: ".")
      if let number = interpreter.files.names.firstIndex(of: module),
        case .type(let own)? = interpreter.modules[number]?.values[parts.last ?? ""]
      {
        type = own
      }
      return SourceObject(
        type: type, kind: nil, place: SourcePosition(source: type?.source ?? 0, span: .init(0, 0)))
    }
    for (object, template) in zip(made, objects) {
      for (name, value) in template.attributes {
        switch value {
        case .tensor: object.tensors[name] = true
        // a model is run as for evaluation
        case .plain(.flag) where name == "training":
          object[name] = .flag(false)
          continue
        case .plain, .object, .list, .tuple, .dictionary, .unknown: break
        }
        object[name] = self.made(value, made)
      }
    }
    made[0].name("")
    return made[0]
  }

  private func made(_ value: Value, _ objects: [SourceObject] = []) -> SourceValue {
    switch value {
    case .plain(let plain): return .plain(plain)
    case .tensor(let array): return .plain(array)
    case .object(let number): return .object(objects[number])
    case .list(let values): return .list(SourceList(values.map { made($0, objects) }))
    case .tuple(let values): return .tuple(values.map { made($0, objects) })
    case .dictionary(let entries):
      return .dictionary(SourceDictionary(entries.map { ($0.key, made($0.value, objects)) }))
    case .unknown(let reason):
      return .unknown(
        SourceUnknown(reason: reason, place: SourcePosition(source: 0, span: .init(0, 0))))
    }
  }
}
