import RecurModel
import RecurSource
import RecurTensors

/// The arguments of a call.
package struct SourceArguments {
  package var positional: [SourceValue] = []
  package var keywords: [(name: String, value: SourceValue)] = []
  /// An argument that could not be spread.
  package var unknown: SourceUnknown?

  package init(
    positional: [SourceValue] = [], keywords: [(name: String, value: SourceValue)] = []
  ) {
    (self.positional, self.keywords) = (positional, keywords)
  }

  /// The argument with this name, or else at this position.
  package func value(_ name: String, at position: Int? = nil) -> SourceValue? {
    if let own = keywords.first(where: { $0.name == name }) { return own.value }
    guard let position, positional.indices.contains(position) else { return nil }
    return positional[position]
  }
}

extension SourceInterpreter {
  mutating func call(
    _ function: Expression, _ arguments: [Argument], _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    if case .name("super") = function.kind, scope.find("super") == nil {
      return try parent(arguments, scope)
    }
    if case .name("globals") = function.kind, scope.find("globals") == nil {
      return .dictionary(globals(of: scope))
    }
    let callee = try evaluate(function, scope)
    if phase == .forward, case .attribute(let owner, let name) = function.kind,
      case .plain(let array) = callee.boundOwner, array.isArray, Self.changesInPlace(name)
    {
      return try changeInPlace(array, owner, name, arguments, scope)
    }
    if phase == .construction, case .attribute(let owner, let name) = function.kind,
      case .plain(let array) = callee.boundOwner, array.isArray, Self.changesInPlace(name)
    {
      let given = try evaluate(arguments, callee, scope)
      return try changeConstant(array, owner, name, given, scope)
    }
    let given = try evaluate(arguments, callee, scope)
    if case .library(let name) = callee, dialect?.changesFirst(name) == true {
      return try changeFirst(name, arguments, given, scope)
    }
    return try call(callee, given)
  }

  /// A function that changes its first argument: its result takes the place of the array.
  private mutating func changeFirst(
    _ name: String, _ arguments: [Argument], _ given: SourceArguments, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    let result = try call(library: name, given)
    guard phase == .forward, let array = given.positional.first?.array else { return result }
    try change(array)
    if let first = arguments.first?.value, case .name = first.kind {
      try assign(result, to: first, scope)
    }
    return result
  }

  /// The names of the source, as a dictionary.
  private func globals(of scope: SourceScope) -> SourceDictionary {
    var root = scope
    while let parent = root.parent { root = parent }
    return SourceDictionary(
      root.values.sorted { $0.key < $1.key }.map { (.text($0.key), $0.value) })
  }

  private mutating func evaluate(
    _ arguments: [Argument], _ callee: SourceValue, _ scope: SourceScope
  ) throws(SourceStop) -> SourceArguments {
    var given = SourceArguments()
    for argument in arguments {
      let value: SourceValue
      if case .unknown = callee, phase != .forward {
        value = (try? evaluate(argument.value, scope)) ?? unknown("an argument")
      } else {
        value = try evaluate(argument.value, scope)
      }
      switch argument.kind {
      case .positional: given.positional.append(value)
      case .keyword(let name): given.keywords.append((name, value))
      case .spread:
        if case .unknown(let unknown) = value {
          given.unknown = unknown
        } else {
          given.positional += try needed(all: elements(value))
        }
      case .keywords:
        guard case .dictionary(let dictionary) = value else {
          given.unknown = value.unknown ?? SourceUnknown(reason: value.title, place: position)
          continue
        }
        for key in dictionary.keys {
          let own = try needed(dictionary[key] ?? .none)
          given.keywords.append((SourceInterpreter.childName(key), own))
        }
        given.unknown = given.unknown ?? dictionary.unknown
      }
    }
    return given
  }

  /// A method such as `masked_fill_`: its result takes the place of the array.
  private mutating func changeInPlace(
    _ array: GraphValue, _ owner: Expression, _ name: String, _ arguments: [Argument],
    _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    let given = try evaluate(arguments, .plain(array), scope)
    let result = try call(.plain(array), method: String(name.dropLast()), given)
    switch owner.kind {
    case .name, .attribute:
      try change(array)
      try assign(result, to: owner, scope)
    case .call:
      // an array that was made here, or a view of one
      try change(array)
    default:
      throw problem("a part of an array is changed in place by '\(name)', which is not supported")
    }
    return result
  }

  /// Calls a value.
  package mutating func call(
    _ callee: SourceValue, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    switch callee {
    case .function(let function): return try call(function, nil, arguments)
    case .method(let function, let owner): return try call(function, owner, arguments)
    case .type(let type): return try make(type, arguments)
    case .object(let object): return try call(object, arguments)
    case .library(let name): return try call(library: name, arguments)
    case .bound(let owner, let name): return try call(owner, method: name, arguments)
    case .foreign(let value): return try value.call(arguments, &self)
    case .unknown(let unknown):
      return .unknown(unknown)
    default: return unknown("\(callee.title) is called")
    }
  }

  private mutating func parent(
    _ arguments: [Argument], _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    if arguments.count == 2 {
      guard case .type(let type) = try evaluate(arguments[0].value, scope),
        case .object(let object) = try evaluate(arguments[1].value, scope)
      else { return unknown("super() of something unknown") }
      return .parent(object, behind: type)
    }
    guard case .type(let type)? = scope.find("\u{1}class"),
      case .object(let object)? = scope.find("\u{1}self")
    else { return unknown("super() outside of a method") }
    return .parent(object, behind: type)
  }

  // MARK: functions of the source

  package mutating func call(
    _ function: SourceFunction, _ owner: SourceValue?, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    if let result = try dialect?.call(function, owner, arguments, &self) { return result }
    if let decorator = function.kinds.first(where: { $0.hasPrefix("decorated by ") }) {
      return .unknown(
        SourceUnknown(
          reason: "'\(function.name)' is \(decorator), which is not known",
          place: SourcePosition(source: function.scope.source, span: function.span)))
    }
    let scope = SourceScope(parent: function.scope, source: function.scope.source)
    if let owner, case .object(let object) = owner, let type = function.owner {
      scope.values["\u{1}class"] = .type(type)
      scope.values["\u{1}self"] = .object(object)
    }
    var given = arguments
    if let owner { given.positional.insert(owner, at: 0) }
    try bind(given, to: function, scope)
    if phase == .construction, function.name == "__init__", let object = owner?.object {
      hyperparameters.note(scope, function, of: object)
    }
    let outer = position
    defer { position = outer }
    return try deeper { interpreter throws(SourceStop) in
      switch function.body {
      case .expression(let expression): return try interpreter.evaluate(expression, scope)
      case .statements(let statements):
        if case .returned(let value) = try interpreter.run(statements, scope) { return value }
        return .none
      }
    }
  }

  private func bind(
    _ given: SourceArguments, to function: SourceFunction, _ scope: SourceScope
  ) throws(SourceStop) {
    var rest = given.positional[...]
    var keywords = given.keywords
    for parameter in function.parameters {
      switch parameter.kind {
      case .rest:
        scope.values[parameter.name] = .tuple(Array(rest))
        rest = []
      case .keywords:
        scope.values[parameter.name] = .dictionary(
          SourceDictionary(keywords.map { (.text($0.name), $0.value) }))
        keywords = []
      case .positionalOnly, .standard, .keywordOnly:
        if parameter.kind != .keywordOnly, let value = rest.popFirst() {
          scope.values[parameter.name] = value
        } else if let position = keywords.firstIndex(where: { $0.name == parameter.name }) {
          scope.values[parameter.name] = keywords.remove(at: position).value
        } else if let value = function.defaults[parameter.name] {
          scope.values[parameter.name] = value
        } else if let unknown = given.unknown {
          scope.values[parameter.name] = .unknown(unknown)
        } else {
          throw problem("'\(function.name)' is called without its argument '\(parameter.name)'")
        }
      }
    }
    guard rest.isEmpty else {
      throw problem("'\(function.name)' is called with too many arguments")
    }
    if let extra = keywords.first {
      throw problem("'\(function.name)' has no argument '\(extra.name)'")
    }
  }

  // MARK: objects

  /// Makes an object of a class of the source.
  package mutating func make(
    _ type: SourceClass, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    if let made = try dialect?.make(type, arguments, &self) { return made }
    if isLenient, type.isModule {
      let construction = SourceConstruction(
        type: type, library: "", arguments: arguments, place: position)
      constructions.append(construction)
      return .instance(construction)
    }
    let kind = type.isModule ? type.libraryBases.lazy.compactMap(SourceModules.kind).first : nil
    let object = SourceObject(type: type, kind: kind, place: position)
    if case .function(let constructor)? = type.member("__init__") {
      _ = try call(constructor, .object(object), arguments)
    } else if let kind {
      try construct(object, kind, arguments)
    } else {
      fill(object, type, arguments)
    }
    return .object(object)
  }

  /// The constructor of a data class: the annotated names in order.
  private func fill(_ object: SourceObject, _ type: SourceClass, _ arguments: SourceArguments) {
    let names = type.lineage.reversed().flatMap(\.memberOrder)
    for (name, value) in zip(names, arguments.positional) { object[name] = value }
    for (name, value) in arguments.keywords { object[name] = value }
  }

  /// Calls an object: a module's forward pass, or `__call__`.
  mutating func call(
    _ object: SourceObject, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    if let result = try dialect?.call(object, arguments, &self) { return result }
    for name in ["forward", "__call__"] {
      if case .function(let function)? = object.type?.member(name) {
        return try call(function, .object(object), arguments)
      }
    }
    guard let kind = object.kind else { return unknown("a \(object.className) is called") }
    guard phase == .forward else { return unknown("a module is called") }
    return try deeper { interpreter throws(SourceStop) in
      try interpreter.apply(kind, object, arguments)
    }
  }
}
