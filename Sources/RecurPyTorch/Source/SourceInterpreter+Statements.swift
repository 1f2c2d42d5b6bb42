import RecurModel
import RecurSource
import RecurTensors

extension SourceInterpreter {
  /// Runs statements one after the other.
  mutating func run(_ statements: [Statement], _ scope: SourceScope) throws(SourceStop) -> Flow {
    for statement in statements {
      let flow: Flow
      if isLenient {
        flow = runLeniently(statement, scope)
      } else {
        flow = try run(statement, scope)
      }
      if case .next = flow { continue }
      return flow
    }
    return .next
  }

  /// Whether statements that are not understood make unknown values.
  var isLenient: Bool { phase == .file || phase == .program }

  /// Runs a statement of a file; what it would assign is unknown when it is not understood.
  private mutating func runLeniently(_ statement: Statement, _ scope: SourceScope) -> Flow {
    do throws(SourceStop) {
      return try run(statement, scope)
    } catch {
      let reason: String
      switch error {
      case .problem(let error):
        reason = error.diagnostic.message
        if phase == .program, passedOver.count < 20 { passedOver.append(error) }
      case .needs(let name, _, _): reason = "the source does not say '\(name)'"
      case .learned: reason = "it depends on arrays"
      }
      position = SourcePosition(source: scope.source, span: statement.span)
      switch statement.kind {
      case .condition, .loop, .whileLoop, .with, .attempt:
        forgetForGood([statement], unknown("it depends on a choice: \(reason)"), scope)
      case .assignment(let targets, let value):
        if case .name(let name)? = targets.first?.kind, case .call(let callee, _) = value.kind,
          let called = try? evaluate(callee, scope)
        {
          dialect?.failed(called, for: name, SourceUnknown(reason: reason, place: position))
        }
        forget([statement], unknown(reason), scope)
      default: forget([statement], unknown(reason), scope)
      }
      return .next
    }
  }

  private mutating func run(_ statement: Statement, _ scope: SourceScope) throws(SourceStop) -> Flow
  {
    try step()
    position = SourcePosition(source: scope.source, span: statement.span)
    switch statement.kind {
    case .expression(let value):
      if case .string = value.kind { return .next }
      try runAlone(value, scope)
    case .assignment(let targets, let value):
      let result = try evaluate(value, scope)
      for target in targets { try assign(result, to: target, scope) }
    case .annotated(let target, _, let value):
      if let value { try assign(evaluate(value, scope), to: target, scope) }
    case .augmented(let target, let operation, let value):
      let own = try evaluate(target, scope)
      let other = try evaluate(value, scope)
      if case .list(let list) = own, operation == .add {
        list.elements += try elements(other)
        try checkCount(list.elements.count)
        return .next
      }
      let result = try binary(operation, own, other)
      if phase == .forward, let array = own.array { try change(array) }
      try assign(result, to: target, scope)
    case .returned(let value):
      return .returned(
        try value.map { value throws(SourceStop) in try evaluate(value, scope) } ?? .none)
    case .condition(let branches, let otherwise):
      return try runCondition(branches, otherwise, scope)
    case .loop(let loop): return try runLoop(loop, scope)
    case .function(let definition):
      scope.values[definition.name] = try function(definition, scope)
    case .classDefinition(let definition):
      scope.values[definition.name] = try type(definition, scope)
    case .breakLoop: return .left
    case .continueLoop: return .continued
    default: return try runRarely(statement, scope)
    }
    return .next
  }

  private mutating func runRarely(
    _ statement: Statement, _ scope: SourceScope
  ) throws(SourceStop) -> Flow {
    switch statement.kind {
    case .pass, .typeAlias: break
    case .assertion(let test, _): try learn(test, scope)
    case .global(let names):
      guard phase != .forward else { throw problem("forward() changes global names") }
      var root = scope
      while let parent = root.parent { root = parent }
      for name in names where root !== scope { scope.elsewhere[name] = root }
    case .nonlocal(let names):
      for name in names {
        var outer = scope.parent
        while let own = outer, own.values[name] == nil { outer = own.parent }
        if let outer { scope.elsewhere[name] = outer }
      }
    case .delete(let targets): for target in targets { try delete(target, scope) }
    case .importModules(let names): importModules(names, scope)
    case .importNames(let module, let level, let names):
      try importNames(module, level, names, scope)
    case .with(let items, let body, _):
      for item in items {
        let context = try evaluate(item.context, scope)
        if let target = item.target { try assign(context, to: target, scope) }
      }
      return try run(body, scope)
    case .attempt(let attempt):
      // no statement of a model raises anything here: the handlers are for other machines
      let flow = try run(attempt.body, scope)
      guard case .next = flow else { return flow }
      let other = try run(attempt.otherwise, scope)
      guard case .next = other else { return other }
      return try run(attempt.final, scope)
    case .whileLoop(let test, let body, _): return try runWhile(test, body, scope)
    case .raise(let error, _):
      let text = error.map { files.trees[scope.source].text.text($0.span) } ?? "an error"
      throw problem("the source raises \(text.prefix(200)) here")
    case .match: throw problem("a 'match' statement is not supported")
    case .opaque(let reason): throw problem("this statement is not understood: \(reason)")
    default: break
    }
    return .next
  }

  /// An expression whose value nobody takes: only what it changes counts.
  private mutating func runAlone(_ value: Expression, _ scope: SourceScope) throws(SourceStop) {
    let result = try evaluate(value, scope)
    guard phase == .forward, case .unknown(let unknown) = result,
      case .call(_, let arguments) = value.kind
    else { return }
    // an unknown function may change the arrays that it is given
    for argument in arguments {
      let given = try evaluate(argument.value, scope)
      if given.array != nil || given.object?.isModule == true {
        throw problem(unknown.reason, at: unknown.place)
      }
    }
  }

  private mutating func runCondition(
    _ branches: [Statement.Branch], _ otherwise: [Statement], _ scope: SourceScope
  ) throws(SourceStop) -> Flow {
    for branch in branches {
      guard let test = try condition(of: branch, scope) else { continue }
      if isLenient, (try? truth(test)) == nil {
        let reason = untold(test)
        // which branch a training program takes says nothing; both may make the model
        let all = branches.map(\.body) + [otherwise]
        uncertainty += 1
        defer { uncertainty -= 1 }
        for body in all { _ = try run(body, scope) }
        forgetForGood(all.flatMap { $0 }, reason, scope)
        return .next
      }
      if try isTaken(test, branch) { return try run(branch.body, scope) }
    }
    return try run(otherwise, scope)
  }

  private mutating func runLoop(
    _ loop: Statement.Loop, _ scope: SourceScope
  ) throws(SourceStop) -> Flow {
    let iterable = try evaluate(loop.iterable, scope)
    if phase == .file || phase == .program && !hasKnownElements(iterable) {
      // what a training program repeats is read once; what it assigns can have any value then
      uncertainty += 1
      defer { uncertainty -= 1 }
      let value = unknown("a value of a loop of the training program")
      forgetForGood(loop.target, value, scope)
      _ = try run(loop.body, scope)
      forgetForGood(loop.body, value, scope)
      return .next
    }
    if let (element, extent) = try stepElement(iterable) {
      return try runTimesteps(loop, element, extent, scope)
    }
    for element in try elements(iterable) {
      try assign(element, to: loop.target, scope)
      switch try run(loop.body, scope) {
      case .next, .continued: continue
      case .left: return .next
      case .returned(let value): return .returned(value)
      }
    }
    return try run(loop.otherwise, scope)
  }

  /// Whether the rounds of a loop are known, and no more than a program has layers.
  private mutating func hasKnownElements(_ iterable: SourceValue) -> Bool {
    ((try? elements(iterable))?.count).map { $0 <= 1_000 } ?? false
  }

  private mutating func runWhile(
    _ test: Expression, _ body: [Statement], _ scope: SourceScope
  ) throws(SourceStop) -> Flow {
    if isLenient {
      // A loop whose condition is known runs as it says; `while True` is that of a program that trains.
      for _ in 0..<256 {
        guard case .comparison = test.kind, let goesOn = try? truth(evaluate(test, scope), of: test)
        else { break }
        guard goesOn else { return .next }
        switch try run(body, scope) {
        case .next, .continued: continue
        case .left: return .next
        case .returned(let value): return .returned(value)
        }
      }
      uncertainty += 1
      defer { uncertainty -= 1 }
      _ = try run(body, scope)
      forgetForGood(body, unknown("a value of a loop of the training program"), scope)
      return .next
    }
    while try truth(evaluate(test, scope), of: test) {
      try step()
      switch try run(body, scope) {
      case .next, .continued: continue
      case .left: return .next
      case .returned(let value): return .returned(value)
      }
    }
    return .next
  }

  // MARK: assignment

  mutating func assign(
    _ value: SourceValue, to target: Expression, _ scope: SourceScope
  ) throws(SourceStop) {
    switch target.kind {
    case .name(let name):
      let own = isForgetting ? nil : dialect?.named(value, name, &self)
      (scope.elsewhere[name] ?? scope).values[name] = own ?? value
    case .tuple(let targets), .list(let targets): try unpack(value, to: targets, scope)
    case .starred(let inner): try assign(value, to: inner, scope)
    case .attribute(let owner, let name):
      let owner = try evaluate(owner, scope)
      try set(name, of: owner, to: value)
    case .item(let owner, let key):
      try setItem(of: evaluate(owner, scope), owner, key, to: value, scope)
    default: throw problem("nothing can be assigned to this")
    }
  }

  private mutating func unpack(
    _ value: SourceValue, to targets: [Expression], _ scope: SourceScope
  ) throws(SourceStop) {
    if case .unknown = value {
      for target in targets { try assign(value, to: target, scope) }
      return
    }
    if case .argument(let name) = value, !targets.isEmpty {
      throw .learned(.parts(name, targets.indices.map { "\(name)_\($0)" }))
    }
    let values = try elements(value)
    if let star = targets.firstIndex(where: { if case .starred = $0.kind { true } else { false } })
    {
      let behind = targets.count - star - 1
      guard values.count >= targets.count - 1 else {
        throw problem("\(values.count) values for \(targets.count) names")
      }
      for index in 0..<star { try assign(values[index], to: targets[index], scope) }
      let rest = Array(values[star..<values.count - behind])
      try assign(.list(SourceList(rest)), to: targets[star], scope)
      for index in 0..<behind {
        try assign(values[values.count - behind + index], to: targets[star + 1 + index], scope)
      }
      return
    }
    guard values.count == targets.count else {
      throw problem("\(values.count) values for \(targets.count) names")
    }
    for (target, element) in zip(targets, values) { try assign(element, to: target, scope) }
  }

  mutating func set(
    _ name: String, of owner: SourceValue, to value: SourceValue
  ) throws(SourceStop) {
    switch owner {
    case .object(let object):
      if object.isModule, isInTimesteps || round != nil {
        throw problem("an attribute is changed in a loop over timesteps")
      }
      if phase == .forward, object.isModule, object.tensors[name] != nil {
        try write(value, to: object, name)
        return
      }
      if case .bound(let inner, "nn.Parameter") = value {
        object[name] = inner
        object.tensors[name] = true
        return
      }
      if phase == .forward, object.isModule,
        readAttributes.contains(SourceTensorName(object, name)),
        !keptAttributes.contains(where: { $0.name == name })
      {
        keptAttributes.append((name, position))
      }
      object[name] = value
    case .type(let type): type.members[name] = value
    case .foreign(let own): own.set(name, to: value, self)
    default: break
    }
  }

  private mutating func setItem(
    of owner: SourceValue, _ expression: Expression, _ key: Expression, to value: SourceValue,
    _ scope: SourceScope
  ) throws(SourceStop) {
    let index = try evaluate(key, scope)
    switch owner {
    case .dictionary(let dictionary):
      let own = try self.key(index)
      guard !isInTimesteps && round == nil || dictionary[own] == nil else {
        throw problem("an entry of a dictionary is changed in a loop over timesteps")
      }
      dictionary[own] = value
    case .list(let list):
      guard let position = index.integer else {
        throw problem("a list is changed at an unknown place")
      }
      let own = position < 0 ? position + list.elements.count : position
      guard list.elements.indices.contains(own) else {
        throw problem("the list has no element \(position)")
      }
      list.elements[own] = value
    case .object(let object) where object.kind?.isContainer == true:
      let name = try SourceInterpreter.childName(self.key(index))
      if let position = object.children.firstIndex(where: { $0.name == name }) {
        object.children[position].value = value
      } else {
        object.children.append((name, value))
      }
    case .plain(let array)
    where array.isArray && isInTimesteps && index.parts.contains(where: { $0.isStep }):
      try assign(filled(array, index.parts, value), to: expression, scope)
    case .plain(let array)
    where array.isArray && round != nil && index.parts.contains(where: { $0.isStep }):
      try fill(array, index.parts, value, expression, scope)
    case .plain(let array) where array.isArray && phase == .forward:
      try writeItem(array, expression, index, value, scope)
    case .plain(let array) where array.isArray && phase == .construction:
      try setConstant(array, expression, index, value, scope)
    default: break
    }
  }
}
