import RecurModel
import RecurSource
import RecurTensors

/// A value that a loop over timesteps computes in every timestep.
package struct SourceStep {
  /// All its values, `[batch, timesteps, …]`; nil for the state of a cell that is no output.
  var sequence: GraphValue?
  /// The value after the last timestep, if it is known without the others.
  var final: GraphValue?
  /// The state of which it is the next value.
  var state: String?
}

/// A value that a loop over timesteps hands on from timestep to timestep.
package struct SourceCarried {
  let name: String
  /// The value before the first timestep.
  let initial: SourceValue
}

// Loops over timesteps whose number is known only when the model runs: cells become layers over the
// whole sequence.
extension SourceInterpreter {
  /// What a loop over `value` has in one timestep; nil for what has a known number of elements.
  mutating func stepElement(
    _ value: SourceValue
  ) throws(SourceStop) -> (element: SourceValue, extent: Dimension)? {
    guard phase == .forward, round == nil else { return nil }
    let value = try settled(value)
    switch value {
    case .range(let start, let stop, let step):
      guard stop.value == nil, stop.openName == nil else { return nil }
      guard start == .fixed(0), step == 1 else {
        throw problem(
          "a loop over a part of the timesteps, whose number is known only when the model runs")
      }
      return (.timestep(stop), stop)
    case .plain(let array) where array.isArray:
      let shape = try extents(array)
      guard let extent = shape.first, extent.value == nil else { return nil }
      return (.step(SourceStep(sequence: try inFront(array, axis: 0))), extent)
    case .list(let list):
      guard !isInTimesteps, list.elements.count == 1, list.elements[0].isStep else { return nil }
      var inner = list.elements[0]
      if case .tuple(let all) = inner { inner = all.first { $0.isStep } ?? inner }
      if case .timestep(let extent) = inner { return (list.elements[0], extent) }
      guard case .step(let step) = inner, let sequence = step.sequence else { return nil }
      return (list.elements[0], try extents(sequence)[1])
    default: return nil
    }
  }

  /// `[batch, timesteps, …]`: the array with one of its first two axes as timesteps.
  mutating func inFront(
    _ array: GraphValue, axis: Int
  ) throws(SourceStop) -> GraphValue {
    guard try extents(array).count >= 2, axis < 2 else {
      throw problem(
        "a loop over axis \(axis) of an array, whose extent is known only when the model runs")
    }
    guard axis == 0 else { return array }
    return try graph { builder throws(CheckpointError) in try builder.transposed(array, 0, 1) }
  }

  /// Runs the body of a loop over timesteps once, for all timesteps.
  mutating func runTimesteps(
    _ loop: Statement.Loop, _ element: SourceValue, _ extent: Dimension, _ scope: SourceScope
  ) throws(SourceStop) -> Flow {
    guard !isInTimesteps, round == nil, loop.otherwise.isEmpty else {
      throw problem("a loop over timesteps inside of another one")
    }
    let fact = SourceFact.equations(source: position.source, offset: position.span.start)
    if facts.contains(fact) { return try runRound(loop, element, extent, scope) }
    do throws(SourceStop) {
      return try runSteps(loop, element, scope)
    } catch {
      guard case .problem(let error) = error else { throw error }
      budget.loops[fact] = budget.loops[fact] ?? error
      throw .learned(fact)
    }
  }

  /// Runs the body of a loop with values that stand for all timesteps.
  private mutating func runSteps(
    _ loop: Statement.Loop, _ element: SourceValue, _ scope: SourceScope
  ) throws(SourceStop) -> Flow {
    let place = position
    let targets = try SourceTargets(loop.body, self)
    var before: [String: SourceValue] = [:]
    for name in targets.names.sorted() {
      guard let value = scope.values[name] else { continue }
      if case .list = value { continue }
      let own = carried(value, name)
      before[name] = own
      scope.values[name] = own
    }
    var lists: [(list: SourceList, before: [SourceValue])] = []
    for name in targets.items.sorted() {
      guard case .list(let list)? = scope.values[name] else { continue }
      list.elements = list.elements.enumerated().map { carried($1, "\(name)[\($0)]") }
      lists.append((list, list.elements))
    }
    // what stands in other lists before the loop is no state that a timestep may leave there
    var kept: [(list: SourceList, count: Int)] = []
    for (name, value) in scope.values where !targets.items.contains(name) {
      if case .list(let list) = value, !value.holdsStep, !list.elements.isEmpty {
        kept.append((list, list.elements.count))
      }
    }
    isInTimesteps = true
    readStates = []
    defer { isInTimesteps = false }
    try assign(element, to: loop.target, scope)
    switch try run(loop.body, scope) {
    case .next: break
    default:
      position = place
      throw problem("a loop over timesteps ends before the last one, or leaves some out")
    }
    position = place
    for (list, count) in kept where list.elements.prefix(count).contains(where: { $0.holdsStep }) {
      throw problem("an element of a list is changed in a loop over timesteps")
    }
    for (name, old) in before.sorted(by: { $0.key < $1.key }) {
      scope.values[name] = try behind(scope.values[name] ?? .none, old)
    }
    for entry in lists {
      guard entry.list.elements.count == entry.before.count else {
        throw problem("a list of states gets other elements in a loop over timesteps")
      }
      for (index, old) in entry.before.enumerated() {
        entry.list.elements[index] = try behind(entry.list.elements[index], old)
      }
    }
    for name in targets.names.sorted() where before[name] == nil {
      if let value = scope.values[name] { scope.values[name] = try behind(value, nil) }
    }
    return .next
  }

  private func carried(_ value: SourceValue, _ name: String) -> SourceValue {
    if case .tuple(let all) = value {
      return .tuple(all.enumerated().map { carried($1, "\(name)[\($0)]") })
    }
    return .carried(SourceCarried(name: name, initial: value))
  }

  /// The value that a name has behind the loop.
  private mutating func behind(
    _ value: SourceValue, _ old: SourceValue?
  ) throws(SourceStop) -> SourceValue {
    if case .tuple(let all) = value {
      var before: [SourceValue?] = [SourceValue?](repeating: nil, count: all.count)
      switch old {
      case .tuple(let own)?:
        guard own.count == all.count else { throw otherState }
        before = own
      case .carried(let own)?:
        before = all.indices.map {
          .carried(SourceCarried(name: "\(own.name)[\($0)]", initial: .none))
        }
      default: break
      }
      var result: [SourceValue] = []
      for (own, old) in zip(all, before) { result.append(try behind(own, old)) }
      return .tuple(result)
    }
    var name: String?
    if case .carried(let own)? = old { name = own.name }
    switch value {
    case .carried(let own):
      guard own.name == name, !readStates.contains(own.name) else { throw otherState }
      return own.initial
    case .step(let step):
      if let name, readStates.contains(name), step.state != name { throw otherState }
      return .plain(try last(step))
    default:
      if let name, readStates.contains(name) { throw otherState }
      return value
    }
  }

  private var otherState: SourceStop {
    problem(
      "a loop over timesteps gives a state to a cell that is not the one that the cell computed")
  }

  /// One timestep of a sequence, of which only the shape matters.
  mutating func row(_ sequence: GraphValue) throws(SourceStop) -> GraphValue {
    try graph { builder throws(CheckpointError) in try builder.selected(sequence, axis: 1, 0) }
  }

  /// The value after the last timestep.
  mutating func last(_ step: SourceStep) throws(SourceStop) -> GraphValue {
    if let final = step.final { return final }
    guard let sequence = step.sequence else { throw problem("a value of a single timestep") }
    return try graph { builder throws(CheckpointError) in
      try builder.selected(sequence, axis: 1, -1)
    }
  }

  // MARK: operators

  /// A function of values of a timestep, applied to all timesteps at once; nil without such values.
  mutating func step(
    torch name: String, _ positional: [SourceValue],
    _ keywords: [(name: String, value: SourceValue)]
  ) throws(SourceStop) -> SourceValue? {
    let all = positional + keywords.map(\.value)
    guard all.contains(where: { $0.holdsStep }) else { return nil }
    guard isInTimesteps else { return try gathered(name, positional, keywords) }
    var rank = 0
    for value in all.flatMap({ $0.parts }) {
      guard case .step(let step) = value else { continue }
      guard let sequence = step.sequence else { throw problem("a state that is no output is used") }
      rank = max(rank, try extents(sequence).count - 1)
    }
    func dimension(_ value: SourceValue) throws(SourceStop) -> SourceValue {
      guard let axis = value.integer, axis != 0, axis != -rank else {
        throw problem("'\(name)' along the batch in a loop over timesteps")
      }
      return axis < 0 ? value : .integer(axis + 1)
    }
    var arguments = positional
    var named = keywords
    switch name {
    case _ where Self.elementwise.contains(name): break
    case "softmax", "log_softmax", "squeeze", "unsqueeze", "cat", "concat", "sum", "mean":
      if arguments.count > 1 {
        arguments[1] = try dimension(arguments[1])
      } else if let index = named.firstIndex(where: { $0.name == "dim" || $0.name == "axis" }) {
        named[index].value = try dimension(named[index].value)
      } else {
        throw problem("'\(name)' over all axes in a loop over timesteps")
      }
    default: throw problem("'\(name)' in a loop over timesteps is not supported")
    }
    for index in arguments.indices { arguments[index] = try whole(arguments[index], rank) }
    for index in named.indices { named[index].value = try whole(named[index].value, rank) }
    let result = try torch(name, arguments, named)
    guard let array = result.array else { throw problem("'\(name)' in a loop over timesteps") }
    return .step(SourceStep(sequence: array))
  }

  private static let elementwise: Set = [
    "relu", "tanh", "sigmoid", "add", "sub", "mul", "div", "neg", "exp", "softplus", "silu", "gelu",
    "leaky_relu", "elu", "pow", "square", "sqrt", "abs", "log", "rsub",
  ]

  /// A value for all timesteps: what is the same in all of them is repeated.
  private mutating func whole(
    _ value: SourceValue, _ rank: Int
  ) throws(SourceStop) -> SourceValue {
    switch value {
    case .step(let step): return step.sequence.map { .plain($0) } ?? .none
    case .list, .tuple:
      let parts = value.parts
      guard parts.allSatisfy({ if case .step = $0 { true } else { false } }) else {
        throw problem("values of a timestep are joined with others, which is not supported")
      }
      return .list(
        SourceList(
          parts.map { part in
            if case .step(let step) = part, let own = step.sequence { .plain(own) } else { part }
          }))
    case .plain(let array) where array.isArray:
      let shape = try extents(array)
      guard shape.count >= 2 else { return value }
      guard shape.count == rank else {
        throw problem("an array of other axes in a loop over timesteps")
      }
      return .plain(
        try graph { builder throws(CheckpointError) in try builder.insertingAxis(array, 1) })
    case .carried:
      throw problem(
        "a state is used other than by its cell in a loop over timesteps whose number is known only when the model runs"
      )
    case .timestep:
      throw problem("the number of a timestep is computed with, which is not supported")
    default: return value
    }
  }

  /// `torch.stack(outputs, 1)` and `torch.cat(outputs, 1)` behind the loop that made them.
  private mutating func gathered(
    _ name: String, _ positional: [SourceValue],
    _ keywords: [(name: String, value: SourceValue)]
  ) throws(SourceStop) -> SourceValue {
    guard ["stack", "cat", "concat"].contains(name), let list = positional.first,
      list.parts.count == 1, case .step(let step) = list.parts[0], let sequence = step.sequence
    else { throw problem("'\(name)' of a value of a single timestep") }
    let given =
      positional.count > 1
      ? positional[1] : keywords.first { $0.name == "dim" || $0.name == "axis" }?.value
    let shape = try extents(sequence)
    let rank = shape.count - 1
    guard let axis = (given ?? .integer(0)).integer else { throw problem("an unknown axis") }
    let isStack = name == "stack"
    let own = axis < 0 ? axis + rank + (isStack ? 1 : 0) : axis
    guard 0..<(isStack ? rank + 1 : rank) ~= own else { throw problem("no axis \(axis)") }
    // the order of axes in which the timesteps stand in front of axis `own` of a timestep
    var order = Array(shape.indices)
    order.remove(at: 1)
    order.insert(1, at: own)
    return .plain(
      try graph { builder throws(CheckpointError) in
        let turned = try builder.permuted(sequence, order)
        guard !isStack else { return turned }
        let extents = try builder.extents(turned)
        if extents[own + 1] == .fixed(1) { return try builder.selected(turned, axis: own + 1, 0) }
        let joined = extents[own].times(extents[own + 1])
        return try builder.reshaped(turned, extents[..<own] + [joined] + extents[(own + 2)...])
      })
  }
}

extension SourceValue {
  /// Whether the value belongs to one timestep of a loop.
  var isStep: Bool {
    switch self {
    case .step, .timestep: true
    case .tuple(let all): all.contains { $0.isStep }
    default: false
    }
  }

  /// Whether the value, or an element of it, belongs to one timestep of a loop.
  var holdsStep: Bool {
    parts.contains { part in
      switch part {
      case .step, .carried, .timestep: true
      default: false
      }
    }
  }

  /// The elements of a list or a tuple, or else the value.
  var parts: [SourceValue] {
    switch self {
    case .list(let list): list.elements
    case .tuple(let all): all
    default: [self]
    }
  }
}
