import RecurModel
import RecurTensors

// Methods of values that are no objects of the source.
extension SourceInterpreter {
  mutating func call(
    _ owner: SourceValue, method name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    switch owner {
    case .instance: return Self.selfMethods.contains(name) ? owner : unknown("a method '\(name)'")
    case .list(let list): return try call(list, name, given)
    case .dictionary(let dictionary): return try call(dictionary, name, given)
    case .object(let object): return try call(module: object, name, given)
    case .parent(let object, let type): return try call(parent: object, behind: type, name, given)
    case .plain(.text(let text)):
      let result = callText(text, name, given)
      if let own = result.text { try checkCount(own.utf8.count) }
      return result
    case .plain(let array) where array.isArray:
      guard phase == .construction else { return try call(array: array, name, given) }
      let isShape = ["new_zeros", "new_ones", "new_full", "size", "dim", "numel"].contains(name)
      return try constructed(isShape ? [] : [owner], []) { interpreter throws(SourceStop) in
        try interpreter.call(array: array, name, given)
      }
    case .tuple(let values):
      if name == "numel" {
        return .integer(values.compactMap(\.integer).reduce(1, &*))
      }
      return unknown("the method '\(name)' of a tuple")
    case .packed: return owner
    case .foreign(let value): return try value.call(method: name, given, &self)
    case .step(let step):
      if ["contiguous", "detach", "to", "float"].contains(name) { return owner }
      if ["size", "dim"].contains(name), let sequence = step.sequence {
        return try call(.plain(row(sequence)), method: name, given)
      }
      return try torch(name, [owner] + given.positional, given.keywords)
    case .positions(let positions):
      if ["to", "long", "int", "float", "cuda", "cpu", "type"].contains(name) { return owner }
      if name == "unsqueeze" {
        return try item(
          owner,
          given.positional.first?.integer == 0
            ? .tuple([.none, .slice(.none, .none, .none)])
            : .tuple([.slice(.none, .none, .none), .none]))
      }
      return try call(array: numbers(positions), name, given)
    case .argument(let own): return try call(array: input(own), name, given)
    case .bound(.object(let object), "argparse"): return try call(parser: object, name, given)
    case .bound(.object, _): return unknown("'\(name)' of something that a module has")
    case .plain(.size(let size)) where size.openName != nil:
      return unknown("'\(name)' of '\(size.openName ?? "")', which the source does not say")
    default: return unknown("the method '\(name)' of \(owner.title)")
    }
  }

  private mutating func call(
    _ list: SourceList, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    switch name {
    case "append":
      try step()
      list.elements.append(given.positional.first ?? .none)
    case "extend":
      list.elements += try elements(given.positional.first ?? .none)
      try checkCount(list.elements.count)
    case "insert":
      guard given.positional.count == 2, let index = given.positional[0].integer else {
        throw problem("an insertion at an unknown place")
      }
      let own = index < 0 ? max(0, index + list.elements.count) : min(index, list.elements.count)
      list.elements.insert(given.positional[1], at: own)
    case "pop":
      let index = given.positional.first?.integer ?? -1
      let own = index < 0 ? index + list.elements.count : index
      guard list.elements.indices.contains(own) else {
        throw problem("a list has no element \(index)")
      }
      return list.elements.remove(at: own)
    case "reverse": list.elements.reverse()
    case "copy": return .list(SourceList(list.elements))
    case "index":
      for (position, element) in list.elements.enumerated()
      where equal(element, given.positional.first ?? .none) == true {
        return .integer(position)
      }
      return unknown("the place of a value in a list")
    default: return unknown("the method '\(name)' of a list")
    }
    return .none
  }

  private mutating func call(
    _ dictionary: SourceDictionary, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let first = given.positional.first ?? .none
    switch name {
    case "get", "pop", "setdefault":
      let own = try key(first)
      let value = name == "pop" ? dictionary.remove(own) : dictionary[own]
      if value == nil, let unknown = dictionary.unknown { return .unknown(unknown) }
      let other = given.positional.count > 1 ? given.positional[1] : .none
      if name == "setdefault", value == nil { dictionary[own] = other }
      return value ?? other
    case "items":
      return .list(
        SourceList(
          dictionary.keys.map {
            .tuple([SourceInterpreter.value($0), dictionary[$0] ?? .none])
          }))
    case "keys": return .list(SourceList(dictionary.keys.map(SourceInterpreter.value)))
    case "values": return .list(SourceList(dictionary.keys.map { dictionary[$0] ?? .none }))
    case "copy":
      return .dictionary(SourceDictionary(dictionary.keys.map { ($0, dictionary[$0] ?? .none) }))
    case "update":
      if case .dictionary(let other) = first {
        for key in other.keys { dictionary[key] = other[key] }
        dictionary.unknown = dictionary.unknown ?? other.unknown
      } else if !given.positional.isEmpty {
        dictionary.unknown = SourceUnknown(
          reason: "a dictionary is updated with \(first.title)", place: position)
      }
      for keyword in given.keywords { dictionary[.text(keyword.name)] = keyword.value }
      dictionary.unknown = dictionary.unknown ?? given.unknown
      return .none
    default: return unknown("the method '\(name)' of a dictionary")
    }
  }

  /// The name under which a module gets a member.
  private func memberName(_ given: SourceArguments) throws(SourceStop) -> String {
    guard let name = given.value("name", at: 0) else { throw problem("a member without a name") }
    guard let text = name.text else {
      throw problem("a member of an unknown name: \(name.title)")
    }
    return text
  }

  private func callText(_ text: String, _ name: String, _ given: SourceArguments) -> SourceValue {
    let other = given.positional.first?.text
    switch (name, other) {
    case ("format", _):
      return SourceFormatting.text(text, given).map { .text($0) } ?? unknown("a formatted text")
    case ("strip", nil) where given.positional.isEmpty:
      return .text(
        text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed().map(
          String.init
        ).joined())
    case ("join", nil):
      guard case .list(let list)? = given.positional.first else { return unknown("a joined text") }
      let parts = list.elements.compactMap(\.text)
      guard parts.count == list.elements.count else { return unknown("a joined text") }
      return .text(parts.joined(separator: text))
    case ("replace", let other?):
      guard given.positional.count == 2, let new = given.positional[1].text, !other.isEmpty else {
        return unknown("a text with another part")
      }
      return .text(text.replacing(other, with: new))
    case ("lower", _): return .text(text.lowercased())
    case ("upper", _): return .text(text.uppercased())
    case ("startswith", let other?): return .flag(text.hasPrefix(other))
    case ("endswith", let other?): return .flag(text.hasSuffix(other))
    case ("split", let other?) where !other.isEmpty:
      return .list(
        SourceList(
          text.split(separator: other, omittingEmptySubsequences: false).map { .text(String($0)) }))
    default: return unknown("the method '\(name)' of a text")
    }
  }

  // MARK: arrays

  /// Methods that change no number and no shape.
  private static let same: Set = [
    "contiguous", "detach", "detach_", "cpu", "cuda", "requires_grad_", "data", "numpy",
    "tolist", "pin_memory", "retain_grad", "share_memory_", "item", "coalesce", "view_as_real",
    "resolve_conj", "resolve_neg", "xpu", "mps",
  ]

  private static let casts: [String: ElementType] = [
    "float": .float32, "double": .float64, "half": .float16, "bfloat16": .bfloat16,
    "long": .int64, "int": .int32, "bool": .bool,
  ]

  /// The numbers of one axis as a list, where no weight is in them.
  private func numbers(of array: GraphValue) -> SourceValue? {
    guard let known = array.known, known.name == nil, known.shape.count == 1,
      known.storedCount ?? .max <= 1_024, !unknownNumbers.contains(array),
      let stored = try? known.stored(), stored.isStored
    else { return nil }
    let numbers = stored.array.doubles()
    return .list(
      SourceList(
        known.type.isFloatingPoint
          ? numbers.map { .plain(.number($0)) } : stored.wholeNumbers.map { .integer($0) }))
  }

  mutating func call(
    array: GraphValue, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let x = SourceValue.plain(array)
    if name == "tolist", let list = numbers(of: array) { return list }
    if Self.same.contains(name) {
      guard name == "item" else { return x }
      guard let known = array.known, known.name == nil, known.array.count == 1,
        !unknownNumbers.contains(array), let number = array.double
      else { return unknown("a number of an array") }
      return known.type.isFloatingPoint ? .plain(.number(number)) : .integer(Int(number))
    }
    if let type = Self.casts[name] {
      return .plain(
        try graph { builder throws(CheckpointError) in try builder.cast(array, to: type) })
    }
    if ["split", "chunk", "unbind"].contains(name), let parts = try divided(array, name, given) {
      return parts
    }
    switch name {
    case "clone":
      guard phase == .forward, array.known == nil else { return x }
      hasCopies = true
      guard facts.contains(.copies) else { return x }
      return .plain(
        try graph { builder throws(CheckpointError) in
          try builder.apply(.identity(Identity(className: "Identity")), builder.computed(array))
        })
    case "size":
      let shape = try extents(array)
      guard let axis = given.value("dim", at: 0)?.integer else {
        return .tuple(shape.map { .plain(.size($0)) })
      }
      guard -shape.count..<shape.count ~= axis else {
        throw problem("an array of \(shape.count) axes has no axis \(axis)")
      }
      return .plain(.size(shape[axis < 0 ? axis + shape.count : axis]))
    case "dim", "ndimension": return .integer(try extents(array).count)
    case "numel":
      return .plain(.size(try extents(array).reduce(.fixed(1)) { $0.times($1) }))
    case "__len__": return .plain(.size(try extents(array).first ?? .fixed(0)))
    case "to", "type", "type_as": return try converted(array, name, given)
    case "max", "min":
      return try extreme(
        name, SourceArguments(positional: [x] + given.positional, keywords: given.keywords))
    case "new_zeros", "new_ones", "new_full", "new_tensor", "new_empty", "new":
      guard ["new_zeros", "new_ones", "new_full"].contains(name) else {
        return unknown("'\(name)' is not supported")
      }
    case "zero", "fill":
      return try torch("full_like", [x, given.value("value", at: 0) ?? .integer(0)])
    case "zero_", "fill_", "normal_", "uniform_", "copy_":
      guard phase != .forward else {
        throw problem("an array is changed in place by '\(name)', which is not supported")
      }
      return x
    case "data_ptr", "backward", "register_hook": return .none
    default: break
    }
    var own = name
    if name.hasSuffix("_"), !name.hasSuffix("__"), GraphFunctions.parameters(name) == nil {
      guard phase != .forward else {
        throw problem(
          "an array is changed in place by '\(name)', which is not supported",
          hint: "write x = x.\(name.dropLast())(…)")
      }
      own = String(name.dropLast())
    }
    return try call(
      torch: own, SourceArguments(positional: [x] + given.positional, keywords: given.keywords))
  }

  /// `to`, `type` and `type_as`: the element type, if they name one; devices count for nothing.
  private mutating func converted(
    _ array: GraphValue, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    var type: ElementType?
    for value in given.positional
      + given.keywords.filter({ $0.name == "dtype" || $0.name == "other" }).map(\.value)
    {
      switch value {
      case .library(let own): type = SourceBuiltins.elementType(own) ?? type
      case .plain(.type(let own)): type = own
      case .plain(let other) where other.isArray: type = builder.type(other)
      default: break
      }
    }
    if name == "type", given.positional.isEmpty { return unknown("the type of an array") }
    guard let type else { return .plain(array) }
    return .plain(
      try graph { builder throws(CheckpointError) in try builder.cast(array, to: type) })
  }

  // MARK: modules

  private mutating func call(
    module object: SourceObject, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    switch name {
    case "register_buffer":
      let key = try memberName(given)
      object[key] = given.value("tensor", at: 1) ?? SourceValue.none
      object.tensors[key] = given.value("persistent", at: 2)?.flag ?? true
      return .none
    case "register_parameter":
      let key = try memberName(given)
      let value = try settled(given.value("param", at: 1) ?? .none)
      object[key] = value
      if !value.isNone { object.tensors[key] = true }
      return .none
    case "add_module", "register_module":
      let key = try memberName(given)
      let module = given.value("module", at: 1) ?? SourceValue.none
      if object.kind?.isContainer == true {
        object.children.append((key, module))
      } else {
        object[key] = module
      }
      return .none
    case "append", "extend", "insert":
      guard object.kind?.isContainer == true else {
        return unknown("the method '\(name)' of a module")
      }
      let values =
        name == "append"
        ? given.positional : name == "extend" ? try elements(given.positional.first ?? .none) : []
      guard name != "insert" else { throw problem("'insert' into a container is not supported") }
      for value in values { object.children.append(("\(object.children.count)", value)) }
      return .object(object)
    case "items":
      return .list(SourceList(object.children.map { .tuple([.text($0.name), $0.value]) }))
    case "values", "children": return .list(SourceList(object.children.map(\.value)))
    case "keys": return .list(SourceList(object.children.map { .text($0.name) }))
    case "update":
      if case .dictionary(let entries)? = given.positional.first {
        for key in entries.keys {
          object.children.append((SourceInterpreter.childName(key), entries[key] ?? .none))
        }
      }
      return .none
    case "apply", "eval", "train", "to", "cuda", "cpu", "float", "double", "half", "requires_grad_",
      "compile":
      return .object(object)
    case "forward":
      return try call(object, given)
    case "parameters", "named_parameters", "modules", "named_modules", "named_children", "buffers",
      "named_buffers":
      return .bound(.object(object), "parameters()")
    case "save_hyperparameters":
      object["hparams"] = .object(hyperparameters.object(of: object, given, position))
      return .none
    case "flatten_parameters", "zero_grad", "load_state_dict",
      "reset_parameters", "init_weights", "post_init", "register_forward_hook":
      return .none
    default: return unknown("'\(object.className)' has no method '\(name)'")
    }
  }

  private mutating func call(
    parent object: SourceObject, behind type: SourceClass, _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let isLast = !type.lineage.dropFirst().contains { $0.isModule && $0.member(name) != nil }
    if name == "__init__" {
      if let kind = object.kind, isLast { try construct(object, kind, given) }
      return .none
    }
    if name == "forward", let kind = object.kind { return try apply(kind, object, given) }
    return try call(module: object, name, given)
  }
}
