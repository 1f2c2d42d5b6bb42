import RecurModel
package import RecurSource
import RecurTensors

extension SourceInterpreter {
  /// The value of an expression.
  package mutating func evaluate(
    _ expression: Expression, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    try step()
    let outer = position
    position = SourcePosition(source: scope.source, span: expression.span)
    let result = try needed(value(expression, scope))
    if !changed.isEmpty { try check(result) }
    position = outer
    return result
  }

  private mutating func value(
    _ expression: Expression, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    switch expression.kind {
    case .name(let name): return lookUp(name, scope)
    case .none: return .none
    case .boolean(let value): return .flag(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .plain(.number(value))
    case .string(let value): return .text(value)
    case .ellipsis: return .ellipsis
    case .tuple(let values): return .tuple(try evaluate(values, scope))
    case .list(let values): return .list(SourceList(try evaluate(values, scope)))
    case .attribute(let owner, let name):
      return try attribute(evaluate(owner, scope), name)
    case .call(let function, let arguments): return try call(function, arguments, scope)
    case .item(let owner, let key):
      return try item(evaluate(owner, scope), evaluate(key, scope))
    case .unary(let operation, let operand):
      return try unary(operation, evaluate(operand, scope), operand)
    case .binary(let operation, let left, let right):
      let one = try evaluate(left, scope)
      return try binary(operation, one, evaluate(right, scope))
    case .comparison(let first, let rest): return try comparison(first, rest, scope)
    default: return try rareValue(expression, scope)
    }
  }

  private mutating func rareValue(
    _ expression: Expression, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    switch expression.kind {
    case .largeInteger, .imaginary, .bytes: return unknown("a number or bytes of this kind")
    case .formatted(let pieces): return try formatted(pieces, scope)
    case .set(let values): return .list(SourceList(try evaluate(values, scope)))
    case .dictionary(let entries):
      let result = SourceDictionary()
      for entry in entries {
        let value = try evaluate(entry.value, scope)
        if let key = entry.key {
          result[try self.key(evaluate(key, scope))] = value
        } else if case .dictionary(let other) = value {
          for key in other.keys { result[key] = other[key] }
          result.unknown = result.unknown ?? other.unknown
        } else {
          return unknown("a dictionary with unknown entries")
        }
      }
      return .dictionary(result)
    case .allOf(let operands): return try logic(operands, stopsAt: false, scope)
    case .anyOf(let operands): return try logic(operands, stopsAt: true, scope)
    case .conditional(let test, let then, let otherwise):
      let condition = try evaluate(test, scope)
      do throws(SourceStop) {
        return try evaluate(try truth(condition, of: test) ? then : otherwise, scope)
      } catch {
        // a choice that depends on an open size matters only where its result does
        guard case .needs(let name, _, _) = error, phase == .construction else { throw error }
        return unknown("the choice depends on '\(name)'")
      }
    case .slice(let start, let stop, let step):
      func part(_ expression: Expression?) throws(SourceStop) -> SourceValue {
        try expression.map { value throws(SourceStop) in try evaluate(value, scope) } ?? .none
      }
      return .slice(try part(start), try part(stop), try part(step))
    case .starred(let value): return try evaluate(value, scope)
    case .lambda(let parameters, let body):
      budget.keep(scope.ofFunctions)
      let function = SourceFunction(
        name: "lambda", parameters: parameters, body: .expression(body), scope: scope.ofFunctions,
        span: expression.span)
      for parameter in parameters {
        if let value = parameter.value {
          function.defaults[parameter.name] = try evaluate(value, scope)
        }
      }
      return .function(function)
    case .comprehension(let comprehension): return try self.comprehension(comprehension, scope)
    case .walrus(let name, let value):
      let result = try evaluate(value, scope)
      scope.values[name] = result
      return result
    default: return unknown("a coroutine or a generator")
    }
  }

  private mutating func evaluate(
    _ expressions: [Expression], _ scope: SourceScope
  ) throws(SourceStop) -> [SourceValue] {
    var result: [SourceValue] = []
    for expression in expressions {
      if case .starred(let inner) = expression.kind {
        result += try elements(evaluate(inner, scope))
      } else {
        result.append(try evaluate(expression, scope))
      }
    }
    return result
  }

  private mutating func lookUp(_ name: String, _ scope: SourceScope) -> SourceValue {
    if let value = scope.find(name) ?? dialect?.value(of: name) { return value }
    if let library = starred(name, scope) { return library }
    return SourceBuiltins.names.contains(name)
      ? .library("builtins.\(name)") : unknown("the name '\(name)' is not known")
  }

  /// A name that a library gives which is imported as a whole.
  private func starred(_ name: String, _ scope: SourceScope) -> SourceValue? {
    guard !SourceBuiltins.names.contains(name) else { return nil }
    var own: SourceScope? = scope
    while let here = own {
      if let library = here.starImports.last {
        return .library(SourceBuiltins.conventional[name] ?? "\(library).\(name)")
      }
      own = here.parent
    }
    return nil
  }

  private mutating func logic(
    _ operands: [Expression], stopsAt stop: Bool, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    var result = SourceValue.none
    for operand in operands {
      result = try evaluate(operand, scope)
      if operand.span == operands.last?.span { break }
      if try truth(result, of: operand) == stop { return result }
    }
    return result
  }

  /// The text of a formatted string, as far as it is known.
  private mutating func formatted(
    _ pieces: [FormattedPiece], _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    var text = ""
    for piece in pieces {
      switch piece {
      case .text(let own): text += own
      case .value(let value, _, _):
        let value = try evaluate(value, scope)
        if let own = value.text {
          text += own
        } else if let number = value.integer {
          text += "\(number)"
        } else {
          return unknown("a text with an unknown part")
        }
      }
    }
    return .text(text)
  }

  private mutating func comprehension(
    _ comprehension: Comprehension, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    let inner = SourceScope(parent: scope, source: scope.source)
    var values: [SourceValue] = []
    let dictionary = SourceDictionary()
    // what a constructor makes of something unknown matters only where it is used
    if phase == .construction, let first = comprehension.clauses.first {
      let whole = try evaluate(first.iterable, scope)
      if case .unknown = whole { return whole }
    }
    try each(comprehension.clauses[...], inner) { interpreter throws(SourceStop) in
      if case .dictionary(let key) = comprehension.result {
        let own = try interpreter.key(interpreter.evaluate(key, inner))
        dictionary[own] = try interpreter.evaluate(comprehension.element, inner)
      } else {
        values.append(try interpreter.evaluate(comprehension.element, inner))
      }
      guard values.count + dictionary.keys.count <= interpreter.limits.elements else {
        throw interpreter.problem(
          "a list of more than \(interpreter.limits.elements) elements", code: .limitExceeded)
      }
    }
    if case .dictionary = comprehension.result { return .dictionary(dictionary) }
    return .list(SourceList(values))
  }

  private mutating func each(
    _ clauses: ArraySlice<Comprehension.Clause>, _ scope: SourceScope,
    _ body: (inout SourceInterpreter) throws(SourceStop) -> Void
  ) throws(SourceStop) {
    guard let clause = clauses.first else { return try body(&self) }
    nextElement: for element in try elements(evaluate(clause.iterable, scope)) {
      try assign(element, to: clause.target, scope)
      for condition in clause.conditions {
        if try !truth(evaluate(condition, scope), of: condition) { continue nextElement }
      }
      try each(clauses.dropFirst(), scope, body)
    }
  }

  // MARK: conversions

  /// The elements of something that is iterated over.
  package mutating func elements(_ value: SourceValue) throws(SourceStop) -> [SourceValue] {
    switch value {
    case .list(let list):
      guard isInTimesteps || !value.holdsStep else {
        throw problem("the values of the timesteps are used one by one")
      }
      return try needed(all: list.elements)
    case .tuple(let values): return try needed(all: values)
    case .dictionary(let dictionary):
      if let unknown = dictionary.unknown { throw problem(unknown.reason, at: unknown.place) }
      return dictionary.keys.map(SourceInterpreter.value)
    case .bound(.object, "parameters()"):
      guard phase != .forward else { throw problem("a loop over the weights of a module") }
      return []
    case .range(let start, let stop, let step):
      guard let start = start.value, let stop = stop.value else {
        if let name = start.openName ?? stop.openName { throw needs(name) }
        throw problem("a loop over an extent that is known only when the model runs")
      }
      let values = stride(from: start, to: stop, by: step)
      let count = step > 0 ? (stop - start) / step : (start - stop) / -step
      guard count <= limits.elements else {
        throw problem("a loop of \(count) steps", code: .limitExceeded)
      }
      return values.map { .integer($0) }
    case .object(let object) where object.kind?.isContainer == true:
      return object.kind?.name == "ModuleDict"
        ? object.children.map { .text($0.name) } : object.children.map(\.value)
    case .plain(.list(let values)): return values.map { .plain($0) }
    case .plain(let array) where array.isArray:
      let extents = try graph { builder throws(CheckpointError) in try builder.extents(array) }
      guard let count = extents.first?.value, count <= 1024 else {
        throw problem("a loop over an axis whose extent is known only when the model runs")
      }
      var parts: [SourceValue] = []
      for index in 0..<count {
        parts.append(
          .plain(
            try graph { builder throws(CheckpointError) in
              try builder.selected(array, axis: 0, index)
            }))
      }
      return parts
    case .plain(.size(let size)) where size.openName != nil:
      throw needs(size.openName ?? "")
    case .argument(let name): return try elements(.plain(input(name)))
    case .unknown(let unknown): throw problem(unknown.reason, at: unknown.place)
    default: throw problem("\(value.title) is iterated over")
    }
  }

  /// A value has to be known to go on.
  func needs(
    _ name: String, at place: SourcePosition? = nil, among texts: [String] = []
  ) -> SourceStop {
    phase == .forward ? missing(name, at: place) : .needs(name, place ?? position, texts)
  }

  static func value(_ key: SourceKey) -> SourceValue {
    switch key {
    case .text(let text): .text(text)
    case .integer(let value): .integer(value)
    case .other(let text): .text(text)
    }
  }

  static func childName(_ key: SourceKey) -> String {
    switch key {
    case .text(let text), .other(let text): text
    case .integer(let value): "\(value)"
    }
  }

  func key(_ value: SourceValue) throws(SourceStop) -> SourceKey {
    if let text = value.text { return .text(text) }
    if let number = value.integer { return .integer(number) }
    if case .library(let name) = value { return .other(name) }
    if let name = value.openName { throw needs(name) }
    throw problem("a key of a dictionary that is not known")
  }

  /// Whether a value counts as true.
  func truth(_ value: SourceValue, of expression: Expression? = nil) throws(SourceStop) -> Bool {
    let place = expression.map { SourcePosition(source: position.source, span: $0.span) }
    switch value {
    case .plain(let plain):
      switch plain {
      case .flag(let value): return value
      case .size(.fixed(let value)): return value != 0
      case .size(.free(let formula)):
        // the extents of arrays are never 0
        guard let name = Dimension.free(formula).openName else { return true }
        // where a model runs changes no number
        if ["cuda", "gpu"].contains(where: name.lowercased().contains) { return false }
        throw needs(name, at: place)
      case .number(let value): return value != 0
      case .text(let text): return !text.isEmpty
      case .nothing: return false
      case .list(let values): return !values.isEmpty
      case .type, .range: return true
      case .known(let known)
      where known.array.count == 1 && !unknownNumbers.contains(plain):
        return known.array.doubles()[0] != 0
      case .computed, .known:
        throw problem("a choice that depends on the numbers of an array", at: place)
      }
    case .list(let list): return !list.elements.isEmpty
    case .tuple(let values): return !values.isEmpty
    case .dictionary(let dictionary): return !dictionary.keys.isEmpty
    case .step, .carried, .timestep: throw problem("a choice depends on \(value.title)", at: place)
    case .unknown(let unknown):
      throw problem("a choice depends on something unknown: \(unknown.reason)", at: place)
    case .object(let object) where object.kind?.isContainer == true: return !object.children.isEmpty
    case .library(let name) where value.isForeign:
      throw problem("a choice depends on something unknown: '\(name)'", at: place)
    default: return true
    }
  }
}
