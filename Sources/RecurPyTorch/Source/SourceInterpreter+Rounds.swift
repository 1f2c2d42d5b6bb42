import RecurModel
import RecurSource
import RecurTensors

// Loops over timesteps that compute a cell by its equations: one timestep is read as a graph of its
// own, which is compared with the equations of cells.
extension SourceInterpreter {
  /// Runs the body of a loop over timesteps once, as the graph of one timestep.
  mutating func runRound(
    _ loop: Statement.Loop, _ element: SourceValue, _ extent: Dimension, _ scope: SourceScope
  ) throws(SourceStop) -> Flow {
    let place = position
    let fact = SourceFact.equations(source: place.source, offset: place.span.start)
    let targets = try SourceTargets(loop, self)
    var inner = GraphBuilder(limits: builder.limits, prefix: SourceRound.prefix)
    for (key, tensor) in tensors.entries { inner.register(tensor, as: key) }
    round = SourceRound(around: builder, extent: extent)
    swap(&builder, &inner)
    inner = GraphBuilder()
    do throws(SourceStop) {
      let before = try enter(targets, scope)
      let lists = scope.values.sorted { $0.key < $1.key }.compactMap { _, value in
        if case .list(let list) = value { (list: list, count: list.elements.count) } else { nil }
      }
      try assign(entered(element), to: loop.target, scope)
      guard case .next = try run(loop.body, scope) else {
        throw problem(
          "a loop over timesteps ends before the last one, or leaves some out", at: place)
      }
      position = place
      try leave(before, lists, targets, scope)
      return .next
    } catch {
      if let own = round { (builder, round) = (own.around, nil) }
      // the loop may be no row of modules for a reason that says more
      guard case .problem(let found) = error, let first = budget.loops[fact],
        found.diagnostic.code != .graphUnsupported
      else { throw error }
      throw .problem(first)
    }
  }

  /// Runs something in the graph around the loop.
  mutating func outside<Value>(
    _ body: (inout SourceInterpreter) throws(SourceStop) -> Value
  ) throws(SourceStop) -> Value {
    guard var own = round else { return try body(&self) }
    round = nil
    swap(&builder, &own.around)
    defer {
      swap(&builder, &own.around)
      round = own
    }
    return try body(&self)
  }

  /// The input that stands for one timestep of a sequence.
  mutating func timestepInput(_ sequence: GraphValue) throws(SourceStop) -> GraphValue {
    guard let own = round, case .computed(let value) = sequence else {
      throw problem("one timestep of an array of constants")
    }
    for (input, known) in own.sequences {
      if case .computed(value) = known { return .computed(Model.Value(input)) }
    }
    guard var shape = own.around.shape(sequence), shape.count > 1 else {
      throw problem("one timestep of \(sequence.title)")
    }
    shape.remove(at: 1)
    let input = try roundInput("timestep", shape, own.around.type(sequence))
    if case .computed(let added) = input { round?.sequences.append((added.node, sequence)) }
    return input
  }

  private mutating func roundInput(
    _ name: String, _ shape: [Dimension], _ type: ElementType?
  ) throws(SourceStop) -> GraphValue {
    try graph { builder throws(CheckpointError) in
      try builder.input(name, shape: shape, type: type ?? .float32)
    }
  }

  private mutating func entered(_ value: SourceValue) throws(SourceStop) -> SourceValue {
    switch value {
    case .step(let step):
      guard let sequence = step.sequence else { throw problem("a value of a single timestep") }
      return .plain(try timestepInput(sequence))
    case .tuple(let all):
      return .tuple(try all.map { value throws(SourceStop) in try entered(value) })
    default: return value
    }
  }

  // MARK: before the timestep

  /// What names have in the timestep, where the body gives them something else.
  private mutating func enter(
    _ targets: SourceTargets, _ scope: SourceScope
  ) throws(SourceStop) -> [String: SourceValue] {
    var before: [String: SourceValue] = [:]
    for name in targets.names.union(targets.items).sorted() {
      guard let value = scope.values[name] else { continue }
      // arrays get their timesteps one by one, and dictionaries keep theirs
      if !targets.names.contains(name) {
        guard case .list = value else { continue }
      }
      before[name] = value
      scope.values[name] = try state(value, name)
    }
    return before
  }

  /// A value that the timestep reads as a state.
  private mutating func state(
    _ value: SourceValue, _ name: String
  ) throws(SourceStop) -> SourceValue {
    switch try settled(value) {
    case .plain(let array) where array.isArray:
      try check(value)
      guard let own = round, let shape = own.around.shape(array) else {
        throw problem("the state '\(name)' is no array")
      }
      let input = try roundInput(name, shape, own.around.type(array))
      if case .computed(let added) = input {
        round?.states.append((added.node, array))
        round?.owners.append(name)
      }
      return .plain(input)
    case .tuple(let all):
      return .tuple(try all.map { own throws(SourceStop) in try state(own, name) })
    case .list(let list):
      guard !value.holdsStep else { return value }
      list.elements = try list.elements.map { own throws(SourceStop) in try state(own, name) }
      return value
    default: return unknown("a value that a loop over timesteps changes")
    }
  }

  /// `outputs[:, t] = y` in a timestep.
  mutating func fill(
    _ array: GraphValue, _ keys: [SourceValue], _ value: SourceValue, _ owner: Expression,
    _ scope: SourceScope
  ) throws(SourceStop) {
    guard case .name(let name) = owner.kind, let own = round, own.filled[name] == nil,
      let new = value.array, var shape = own.around.shape(array),
      let axis = keys.firstIndex(where: { if case .timestep = $0 { true } else { false } }),
      axis < 2, shape.indices.contains(axis), shape[axis] == own.extent,
      keys.indices.allSatisfy({ index in
        guard case .slice(let start, let stop, let step) = keys[index] else { return index == axis }
        return start.isNone && stop.isNone && step.isNone
      })
    else { throw problem("a part of an array gets another value in a loop over timesteps") }
    shape.remove(at: axis)
    guard builder.shape(new) == shape, builder.type(new) == own.around.type(array) else {
      throw problem("a timestep of an array gets a value of another shape")
    }
    round?.filled[name] = (value, axis == 0)
    scope.values[name] = unknown("an array that a loop over timesteps fills")
  }

  // MARK: behind the loop

  private mutating func leave(
    _ before: [String: SourceValue], _ lists: [(list: SourceList, count: Int)],
    _ targets: SourceTargets, _ scope: SourceScope
  ) throws(SourceStop) {
    guard let own = round else { return }
    var grown: [SourceList] = []
    for (list, count) in lists where list.elements.count != count {
      guard count == 0, list.elements.count == 1 else {
        throw problem("a list gets several elements in a loop over timesteps")
      }
      grown.append(list)
    }
    var next = [GraphValue?](repeating: nil, count: own.states.count)
    for (name, value) in before.sorted(by: { $0.key < $1.key }) {
      if case .list = value { pair(value, &next, of: own, name) }
      pair(scope.values[name] ?? .none, &next, of: own, name)
    }
    try checkChanges(targets, grown + before.values.compactMap { $0.sourceList }, scope)
    let wanted =
      grown.flatMap { $0.elements.flatMap { leaves($0) } }
      + own.filled.sorted { $0.key < $1.key }.flatMap { leaves($0.value.value) }
    let names = targets.names.sorted().filter { name in
      guard let value = scope.values[name], case .list(let list) = value else { return true }
      return !grown.contains { $0 === list }
    }
    let result = try results(
      own, next, wanted, optional: names.flatMap { leaves(scope.values[$0] ?? .none) })
    for list in grown {
      list.elements = try list.elements.map { value throws(SourceStop) in
        try whole(value, result)
      }
    }
    for (name, fill) in own.filled.sorted(by: { $0.key < $1.key }) {
      guard case .step(let step) = try whole(fill.value, result), let sequence = step.sequence
      else {
        throw problem("an array is filled with \(fill.value.title)")
      }
      scope.values[name] = .plain(
        fill.isInFront
          ? try graph { builder throws(CheckpointError) in
            try builder.transposed(sequence, 0, 1)
          } : sequence)
    }
    for (_, value) in before {
      if case .list(let list) = value {
        list.elements = list.elements.map { behind($0, result, own) }
      }
    }
    for name in names {
      guard let value = scope.values[name] else { continue }
      let old = before[name]
      if let list = old?.sourceList, list === value.sourceList { continue }
      scope.values[name] =
        old.map { $0.isSequence && $0.parts.count != value.parts.count } ?? false
        ? unknown("a list that a loop over timesteps makes longer") : behind(value, result, own)
    }
  }

  /// Finds what the states in a value before the loop become.
  private func pair(
    _ after: SourceValue, _ next: inout [GraphValue?], of own: SourceRound, _ name: String
  ) {
    let (new, old) = (leaves(after), own.owners.indices.filter { own.owners[$0] == name })
    guard new.count == old.count else { return }
    for (value, index) in zip(new, old) {
      // a list that is also known by another name has its own states still
      if next[index] == nil || own.state(value) != index { next[index] = value }
    }
  }

  /// Refuses a timestep that leaves values where the next one would find them, other than by names.
  private func checkChanges(
    _ targets: SourceTargets, _ known: [SourceList], _ scope: SourceScope
  ) throws(SourceStop) {
    var seen = Set(known.map { ObjectIdentifier($0) })
    for (name, value) in scope.values.sorted(by: { $0.key < $1.key })
    where !targets.names.contains(name) {
      guard !holdsInside(value, &seen, 0) else {
        throw problem("a part of '\(name)' is changed in a loop over timesteps")
      }
    }
  }

  /// Whether a value of the timestep is in a list, a dictionary or an object.
  private func holdsInside(
    _ value: SourceValue, _ seen: inout Set<ObjectIdentifier>, _ depth: Int
  ) -> Bool {
    guard depth < 64 else { return true }
    switch value {
    case .plain(let array): return SourceRound.isInside(array)
    case .tuple(let all): return all.contains { holdsInside($0, &seen, depth + 1) }
    case .list(let list):
      return seen.insert(ObjectIdentifier(list)).inserted
        && list.elements.contains { holdsInside($0, &seen, depth + 1) }
    case .dictionary(let dictionary):
      return seen.insert(ObjectIdentifier(dictionary)).inserted
        && dictionary.keys.contains { key in
          dictionary[key].map { holdsInside($0, &seen, depth + 1) } ?? false
        }
    case .object(let object):
      return seen.insert(ObjectIdentifier(object)).inserted
        && (object.attributes.values.contains { holdsInside($0, &seen, depth + 1) }
          || object.children.contains { holdsInside($0.value, &seen, depth + 1) })
    default: return false
    }
  }

  /// The arrays in a value, in order.
  private func leaves(_ value: SourceValue) -> [GraphValue] {
    switch value {
    case .plain(let array): array.isArray ? [array] : []
    case .list, .tuple: value.parts.flatMap { leaves($0) }
    default: []
    }
  }
}

extension SourceValue {
  /// The list, of a value that is one.
  fileprivate var sourceList: SourceList? { if case .list(let list) = self { list } else { nil } }

  /// Whether the value is a list or a tuple.
  fileprivate var isSequence: Bool {
    switch self {
    case .list, .tuple: true
    default: false
    }
  }
}
