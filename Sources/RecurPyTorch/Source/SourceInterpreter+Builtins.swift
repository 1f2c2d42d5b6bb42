import RecurModel
import RecurSource
import RecurTensors

// Python's own functions.
extension SourceInterpreter {
  /// Functions that read the elements of what they are given.
  private static let iterating: Set = [
    "sorted", "list", "tuple", "set", "reversed", "enumerate", "zip", "sum", "max", "min", "map",
    "any", "all",
  ]

  mutating func call(
    builtin name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let values = given.positional
    let first = values.first ?? .none
    if phase == .construction, Self.iterating.contains(name),
      let unknown = values.first(where: { $0.unknown != nil })
    {
      return unknown
    }
    switch name {
    case "len": return try length(first)
    case "range": return try range(values)
    case "zip":
      var steps: [SourceValue] = []
      for value in values {
        if let (element, _) = try stepElement(value) { steps.append(element) }
      }
      if !steps.isEmpty {
        guard steps.count == values.count else { throw problem("zip() of timesteps and others") }
        return .list(SourceList([.tuple(steps)]))
      }
      var columns: [[SourceValue]] = []
      for value in values { columns.append(try elements(value)) }
      let count = columns.map(\.count).min() ?? 0
      return .list(SourceList((0..<count).map { index in .tuple(columns.map { $0[index] }) }))
    case "enumerate":
      let start = given.value("start", at: 1)?.integer ?? 0
      if let (element, extent) = try stepElement(first) {
        return .list(
          SourceList([.tuple([start == 0 ? .timestep(extent) : unknown("a count"), element])]))
      }
      return .list(
        SourceList(
          try elements(first).enumerated().map { .tuple([.integer(start &+ $0), $1]) }))
    case "list", "iter":
      return values.isEmpty ? .list(SourceList([])) : .list(SourceList(try elements(first)))
    case "set":
      var own: [SourceValue] = []
      for value in values.isEmpty ? [] : try elements(first) {
        guard try contains(.list(SourceList(own)), value) != nil else {
          return unknown("a set of unknown elements")
        }
        if try contains(.list(SourceList(own)), value) == false { own.append(value) }
      }
      return .list(SourceList(own))
    case "sorted": return try sorted(elements(first), given)
    case "next": return try next(values)
    case "setattr":
      guard values.count == 3, let name = values[1].text else {
        throw problem("an attribute of an unknown name is set")
      }
      try set(name, of: first, to: values[2])
      return .none
    case "tuple": return .tuple(values.isEmpty ? [] : try elements(first))
    case "reversed": return .list(SourceList(try elements(first).reversed()))
    case "dict":
      let result = SourceDictionary(given.keywords.map { (.text($0.name), $0.value) })
      if case .dictionary(let other) = first { for key in other.keys { result[key] = other[key] } }
      return .dictionary(result)
    case "print": return .none
    case "map":
      guard values.count == 2 else { return unknown("'map' of several lists") }
      var results: [SourceValue] = []
      for value in try elements(values[1]) {
        results.append(try call(first, SourceArguments(positional: [value])))
      }
      return .list(SourceList(results))
    case "any", "all":
      for value in try elements(first) where try truth(value) == (name == "any") {
        return .flag(name == "any")
      }
      return .flag(name == "all")
    case "callable": return .flag(first.plain == nil)
    default: return try call(rareBuiltin: name, given)
    }
  }

  private mutating func call(
    rareBuiltin name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let values = given.positional
    let first = values.first ?? .none
    switch name {
    case "int", "float", "bool", "str", "abs", "round", "pow": return try number(name, values)
    case "max", "min", "sum": return try reduced(name, values)
    case "isinstance": return try isInstance(first, values.count > 1 ? values[1] : .none)
    case "getattr":
      if values.count > 1, let name = values[1].openName, case .library("torch.nn") = first {
        throw needs(name, among: try texts(["LSTM", "GRU", "RNN"], of: name))
      }
      guard let key = values.count > 1 ? values[1].text : nil else {
        return unknown("an unknown attribute")
      }
      guard values.count > 2 else { return try attribute(first, key) }
      guard let has = try hasAttribute(first, key) else {
        return unknown("whether \(first.title) has an attribute '\(key)'")
      }
      return has ? try attribute(first, key) : values[2]
    case "hasattr":
      guard let key = values.count > 1 ? values[1].text : nil else {
        return unknown("an unknown attribute")
      }
      return try hasAttribute(first, key).map { .flag($0) }
        ?? unknown("whether \(first.title) has an attribute '\(key)'")
    case "type":
      if case .object(let object) = first, let type = object.type { return .type(type) }
      return unknown("the type of a value")
    case "super", "object": return unknown("'\(name)'")
    default: return unknown("'\(name)' is not known")
    }
  }

  /// Those of the texts that a value can have.
  func texts(_ all: [String], of name: String) throws(SourceStop) -> [String] {
    let open = all.filter { excluded[name]?.contains($0) != true }
    guard !open.isEmpty else { throw missing(name) }
    return open
  }

  /// Whether a value has an attribute; nil when that is not known.
  private mutating func hasAttribute(
    _ owner: SourceValue, _ name: String
  ) throws(SourceStop) -> Bool? {
    switch owner {
    case .object(let object):
      if object[name] != nil || object.tensors[name] != nil { return true }
      if object.children.contains(where: { $0.name == name }) { return true }
      if object.type?.member(name) != nil { return true }
      if let kind = object.kind, !kind.isContainer, kind.hasTensor(name) { return nil }
      let isClosed = object.type?.libraryBases.allSatisfy { $0 == "torch.nn.Module" } ?? true
      return isClosed && name != "training" ? false : nil
    case .type(let type): return type.member(name) != nil ? true : nil
    default: return nil
    }
  }

  private mutating func sorted(
    _ values: [SourceValue], _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let reverses = given.value("reverse")?.flag ?? (given.value("reverse") == nil ? false : nil)
    guard given.value("key") == nil, let reverses else { return unknown("a sorted list") }
    let numbers = values.map { $0.plain?.double }
    let texts = values.map(\.text)
    var order = Array(values.indices)
    if !numbers.contains(where: { $0 == nil }) {
      order.sort { (numbers[$0] ?? 0, $0) < (numbers[$1] ?? 0, $1) }
    } else if !texts.contains(where: { $0 == nil }) {
      order.sort { (texts[$0] ?? "", $0) < (texts[$1] ?? "", $1) }
    } else {
      return unknown("a sorted list of unknown values")
    }
    let result = order.map { values[$0] }
    return .list(SourceList(reverses ? result.reversed() : result))
  }

  /// `next(self.parameters())` is asked for a device or a type.
  private mutating func next(_ values: [SourceValue]) throws(SourceStop) -> SourceValue {
    guard phase == .forward, case .bound(.object(let object), "parameters()")? = values.first,
      let path = object.path,
      let first = tensors.names.first(where: { path.isEmpty || $0.hasPrefix(path + ".") }),
      let tensor = tensors[first]
    else { return unknown("an element of something that is read step by step") }
    return .plain(.known(KnownArray(tensor, name: first)))
  }

  private mutating func length(_ value: SourceValue) throws(SourceStop) -> SourceValue {
    guard !value.holdsStep else { return unknown("the number of elements") }
    switch value {
    case .plain(.text(let text)): return .integer(text.count)
    case .plain(let array) where array.isArray:
      return .plain(.size(try extents(array).first ?? .fixed(0)))
    case .argument(let name): return try length(.plain(input(name)))
    case .unknown: return value
    case .plain(.size(let size)) where size.openName != nil:
      return open("len(\(size.openName ?? ""))")
    case .range(let start, let stop, let step) where step == 1:
      return .plain(.size(stop.plus(start.times(-1))))
    case .object(let object): return .integer(object.children.count)
    default: return .integer(try elements(value).count)
    }
  }

  private func range(_ values: [SourceValue]) throws(SourceStop) -> SourceValue {
    let sizes = values.map(\.dimension)
    guard !sizes.contains(nil), 1...3 ~= sizes.count else {
      return unknown("a range of unknown numbers")
    }
    let own = sizes.compactMap { $0 }
    let step = own.count == 3 ? own[2].value : 1
    guard let step, step != 0, step != .min else { return unknown("a range of an unknown step") }
    return own.count == 1
      ? .range(start: .fixed(0), stop: own[0], step: 1)
      : .range(start: own[0], stop: own[1], step: step)
  }

  private func number(_ name: String, _ values: [SourceValue]) throws(SourceStop) -> SourceValue {
    let first = values.first ?? .none
    if let plain = first.plain, unknownNumbers.contains(plain) {
      return unknown("a number that is not known")
    }
    switch name {
    case "int":
      if first.dimension != nil { return first }
      guard let number = first.plain?.double, number.isFinite, number.magnitude < 0x1p62 else {
        if let text = first.text, let value = Int(text) { return .integer(value) }
        return first.unknown == nil ? unknown("int() of \(first.title)") : first
      }
      return .integer(Int(number))
    case "float":
      if let text = first.text {
        switch text.lowercased() {
        case "inf", "infinity", "+inf": return .plain(.number(.infinity))
        case "-inf", "-infinity": return .plain(.number(-.infinity))
        case "nan": return .plain(.number(.nan))
        default: return Double(text).map { .plain(.number($0)) } ?? unknown("float() of a text")
        }
      }
      guard let number = first.plain?.double else {
        return first.dimension == nil ? unknown("float() of \(first.title)") : first
      }
      return .plain(.number(number))
    case "bool": return .flag(try truth(first))
    case "str":
      if first.text != nil { return first }
      return first.integer.map { .text("\($0)") } ?? unknown("str() of \(first.title)")
    case "abs":
      if let value = first.integer, value != .min { return .integer(abs(value)) }
      return first.plain?.double.map { .plain(.number($0.magnitude)) } ?? unknown("abs()")
    case "pow":
      guard values.count == 2, let x = first.dimension, let y = values[1].dimension else {
        return unknown("pow()")
      }
      return SourceInterpreter.size(.power, x, y).map { .plain(.size($0)) } ?? unknown("pow()")
    default:
      guard let number = first.plain?.double, number.magnitude < 0x1p53, values.count == 1 else {
        return unknown("round()")
      }
      return .integer(Int(number.rounded(.toNearestOrEven)))
    }
  }

  private mutating func reduced(
    _ name: String, _ values: [SourceValue]
  ) throws(SourceStop) -> SourceValue {
    let list = values.count == 1 || name == "sum" ? try elements(values.first ?? .none) : values
    guard var result = list.first else {
      return name == "sum" ? .integer(0) : unknown("max() of nothing")
    }
    for value in list.dropFirst() {
      if name == "sum" {
        result = try binary(.add, result, value)
      } else if let one = result.plain?.double, let other = value.plain?.double {
        if name == "max" ? other > one : other < one { result = value }
      } else if equal(result, value) != true {
        return unknown("\(name)() of unknown numbers")
      }
    }
    return result
  }

  private func isInstance(
    _ value: SourceValue, _ type: SourceValue
  ) throws(SourceStop) -> SourceValue {
    if case .tuple(let types) = type {
      for own in types {
        let answer = try isInstance(value, own)
        if answer.flag != false { return answer }
      }
      return .flag(false)
    }
    if case .instance = value { return unknown("the type of an object that the program makes") }
    switch type {
    case .type(let wanted):
      guard case .object(let object) = value else {
        return value.unknown == nil ? .flag(false) : value
      }
      return .flag(object.type?.lineage.contains { $0 === wanted } ?? false)
    case .library(let name):
      if case .unknown = value { return value }
      if let foreign = value.foreign {
        return foreign.isInstance(of: name).map { .flag($0) }
          ?? unknown("whether \(foreign.title) is a '\(name)'")
      }
      if let answer = value.isInstance(of: name) { return .flag(answer) }
      switch name {
      case let own where own.hasSuffix("PackedSequence"):
        if case .packed = value { return .flag(true) }
        return .flag(false)
      default:
        guard case .object(let object) = value else { return .flag(false) }
        if let answer = SourceModules.inherits(object, from: name) { return .flag(answer) }
        if let kind = SourceModules.kind(name) { return .flag(object.kind?.name == kind.name) }
        if name == "torch.nn.Module" { return .flag(object.isModule) }
        return unknown("whether a value is a '\(name)'")
      }
    default: return unknown("whether a value has an unknown type")
    }
  }
}
