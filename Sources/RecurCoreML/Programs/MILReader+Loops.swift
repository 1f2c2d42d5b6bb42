import RecurModel
import RecurTensors

// Loops: recurrent layers, or as many copies of the body as the loop has rounds.
extension MILReader {
  /// The most rounds of a loop.
  private static let rounds = 4_096
  /// The most operations of a body that is compared with the equations of cells.
  private static let mostOperations = 512

  /// The results of a loop.
  ///
  /// - Throws: `graph.unsupported` for a loop that ends by a condition that is computed.
  mutating func loop(_ call: MILCall, in scope: Scope) throws(CheckpointError) -> [GraphValue] {
    let blocks = call.operation.blocks
    let first = call.list("loop_vars")
    guard blocks.count == 2, blocks.allSatisfy({ $0.inputs.count == first.count }),
      blocks[0].outputs.count == 1, blocks[1].outputs.count == first.count
    else {
      throw CheckpointError(
        .coreMLInvalid, "a loop has other blocks than a condition and a body of its values",
        at: call.operation.location)
    }
    if let raised = try raised(call, blocks, first, in: scope) { return raised }
    var values = first
    for _ in 0..<Self.rounds {
      let goesOn = try evaluated(blocks[0], values, in: scope)
      builder.location = call.operation.location
      guard let flag = goesOn[0].flag ?? goesOn[0].double.map({ $0 != 0 }) else {
        throw call.problem(
          "ends by a condition that is computed, and its body is no cell that is known", builder,
          expected: "a known number of timesteps")
      }
      guard flag else {
        return try values.map { value throws(CheckpointError) in
          guard let rows = MILRows.rows(value) else { return value }
          guard rows.allSatisfy({ !$0.isNothing }) else {
            throw call.problem("leaves rows of its result out", builder)
          }
          return try builder.concatenated(rows, axis: 0)
        }
      }
      values = try evaluated(blocks[1], values, in: scope)
    }
    throw call.problem("has more than \(Self.rounds) rounds", builder)
  }

  private mutating func evaluated(
    _ block: MILBlock, _ values: [GraphValue], in scope: Scope
  ) throws(CheckpointError) -> [GraphValue] {
    var inner = scope
    inner.depth += 1
    for (input, value) in zip(block.inputs, values) { inner.values[Name(input.name)] = value }
    return try read(block, in: &inner)
  }

  /// What an operation is in the body of a loop that is read as one timestep, or that collects rows; nil for
  /// every other operation.
  mutating func loopResults(
    _ call: MILCall, in scope: Scope
  ) throws(CheckpointError) -> [GraphValue]? {
    switch call.operation.type {
    case "gather":
      guard let raising, let sizes = GraphSizes(call["indices"]), sizes.isSingle,
        sizes.elements[0] == raising.round, case .computed(let value) = call["x"],
        let own = raising.timesteps.first(where: { outer in
          if case .computed(let given) = outer.sequence { given == value } else { false }
        }), try call.int("axis", builder, default: 0) == 0
      else { return nil }
      return [.computed(own.input)]
    case "scatter": return [try scattered(call)]
    default: return nil
    }
  }

  /// A row put at its place.
  private mutating func scattered(_ call: MILCall) throws(CheckpointError) -> GraphValue {
    let allowed: Set = ["data", "indices", "updates", "axis", "mode", "validate_indices"]
    for name in call.arguments.keys.sorted() where !allowed.contains(name) {
      throw call.problem("has the argument '\(name)', which is not supported", builder)
    }
    guard try call.int("axis", builder, default: 0) == 0,
      try call.text("mode", builder, default: "add") == "update",
      let sizes = GraphSizes(call["indices"]), sizes.elements.count == 1
    else { throw call.problem("puts values at other places than rows", builder) }
    let row = try call.array("updates", builder)
    if let index = MILRound.index(of: call["data"]) {
      guard sizes.elements[0] == raising?.round else {
        throw call.problem("puts a row where another round puts its own", builder)
      }
      raising?.carried[index] = .rows(try builder.computed(builder.selected(row, axis: 0, 0)))
      return call["data"]
    }
    var rows = MILRows.rows(call["data"])
    if rows == nil, let known = call["data"].known, known.isZero,
      let count = known.shape.first?.value, 1...Self.rounds ~= count
    {
      rows = [GraphValue](repeating: .nothing, count: count)
    }
    guard var rows, let index = sizes.elements[0].value, rows.indices.contains(index),
      try builder.extents(row).first == .fixed(1)
    else { throw call.problem("puts values at places that are not known", builder) }
    rows[index] = row
    return MILRows.value(rows)
  }

  // MARK: loops that are cells

  /// The results of a loop whose body is a cell; nil for every other loop.
  private mutating func raised(
    _ call: MILCall, _ blocks: [MILBlock], _ first: [GraphValue], in scope: Scope
  ) throws(CheckpointError) -> [GraphValue]? {
    guard raising == nil, blocks[1].operations.count <= Self.mostOperations,
      let (counter, rounds) = count(blocks[0], in: scope),
      first.indices.contains(counter), first[counter].double == 0, rounds.least ?? 0 > 0
    else { return nil }
    let around = builder
    let found = oneRound(blocks[1], first, counter, rounds, in: scope)
    (builder, raising) = (around, nil)
    guard let (step, body) = found,
      let timestep = body.timesteps.first(where: { $0.input == step.x })
    else { return nil }
    let name = builder.name
    var initial: [GraphValue] = []
    for state in step.states {
      for (index, kind) in body.carried.enumerated() {
        if case .state(state) = kind { initial.append(first[index]) }
      }
    }
    builder.name = "\(name).input"
    let sequence = try builder.computed(builder.transposed(timestep.sequence, 0, 1))
    var states: [Model.Value] = []
    if !initial.allSatisfy({ $0.known?.isZero ?? false }) {
      for state in initial { states.append(try builder.computed(state)) }
    }
    let layer = Recurrent(
      cell: step.cell, returnsSequence: true, returnsState: true, direction: .forward,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    let outputs = try builder.add(
      .recurrent(layer), [sequence], name: name, initialState: states,
      precision: step.cell.tensors.first?.tensor.elementType)
    builder.name = "\(name).output"
    let rows = try builder.transposed(.computed(outputs[0]), 0, 1)
    return body.carried.map { kind in
      switch kind {
      case .counter: .size(rounds)
      case .state(let value): .computed(outputs[1 + (step.states.firstIndex(of: value) ?? 0)])
      case .rows: rows
      }
    }
  }

  /// The value that is counted and the number of rounds, for a condition `counter < rounds`; nil for another
  /// condition.
  private func count(_ condition: MILBlock, in scope: Scope) -> (counter: Int, rounds: Dimension)? {
    func name(_ argument: String, _ operation: MILOperation) -> String? {
      guard
        case .name(let name)? = operation.arguments.first(where: { $0.name == argument })?
          .bindings.first
      else { return nil }
      return name
    }
    let all = condition.operations.filter { $0.type != "const" }
    guard all.count == 1, all[0].type == "less", all[0].outputs.first?.name == condition.outputs[0],
      let x = name("x", all[0]), let y = name("y", all[0]),
      let counter = condition.inputs.firstIndex(where: { $0.name == x }),
      !condition.inputs.contains(where: { $0.name == y }), let value = scope.values[Name(y)],
      let sizes = GraphSizes(value), sizes.elements.count == 1
    else { return nil }
    return (counter, sizes.elements[0])
  }

  /// Reads a body as the graph of one round, in a graph of its own; nil when it is no cell.
  private mutating func oneRound(
    _ body: MILBlock, _ first: [GraphValue], _ counter: Int, _ rounds: Dimension, in scope: Scope
  ) -> (step: StepCell, body: MILRound)? {
    let around = builder
    builder = GraphBuilder(limits: around.limits)
    var (inner, round) = (scope, MILRound(rounds: rounds, carried: []))
    inner.depth += 1
    do throws(CheckpointError) {
      for (index, input) in body.inputs.enumerated() {
        let name = Name(input.name)
        if index == counter {
          round.carried.append(.counter)
          inner.values[name] = .size(round.round)
        } else if let known = first[index].known, known.isZero,
          body.operations.contains(where: { $0.type == "scatter" && $0.reads(input.name, "data") })
        {
          round.carried.append(.rows(nil))
          inner.values[name] = MILRound.mark(index)
        } else {
          let value = try builder.input(
            input.name, shape: around.extents(first[index]),
            type: around.type(first[index]) ?? .float32)
          guard case .computed(let own) = value else { return nil }
          round.carried.append(.state(own))
          inner.values[name] = value
        }
      }
      // What the body reads of the graph around it: sequences, one timestep each.
      for operation in body.operations where operation.type == "gather" {
        for (_, bindings) in operation.arguments.filter({ $0.name == "x" }) {
          guard case .name(let name)? = bindings.first, let outer = scope.values[Name(name)],
            case .computed(let value) = outer,
            let shape = around.shape(outer), shape.count == 3, shape[0] == rounds,
            !round.timesteps.contains(where: {
              if case .computed(value) = $0.sequence { true } else { false }
            })
          else { continue }
          let input = try builder.input(
            "timestep", shape: Array(shape.dropFirst()), type: around.type(outer) ?? .float32)
          if case .computed(let own) = input { round.timesteps.append((own, outer)) }
        }
      }
      raising = round
      let results = try read(body, in: &inner)
      guard let raising, results.indices.contains(counter),
        results[counter].dimension == round.round.plus(1)
      else { return nil }
      var next: [Model.Value] = []
      for (index, kind) in raising.carried.enumerated() {
        guard case .state = kind else { continue }
        guard case .computed(let value) = results[index] else { return nil }
        next.append(value)
      }
      let model = builder.model(named: "", producer: "", outputs: next)
      for (step, h) in StepCell.cells(of: model, states: raising.states, becoming: next) {
        let isH = raising.carried.allSatisfy { kind in
          if case .rows(let row) = kind { row == h } else { true }
        }
        guard isH else { continue }
        return (step, raising)
      }
    } catch {
      return nil
    }
    return nil
  }
}

extension MILOperation {
  /// Whether an argument is the value of this name.
  fileprivate func reads(_ name: String, _ argument: String) -> Bool {
    for (own, bindings) in arguments where own == argument {
      if case .name(name)? = bindings.first { return true }
    }
    return false
  }
}
