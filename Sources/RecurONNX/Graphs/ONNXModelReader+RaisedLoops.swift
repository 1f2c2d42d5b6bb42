import RecurModel
import RecurTensors

// Loops whose body is one timestep of a cell: they are recurrent layers.
extension ONNXModelReader {
  /// The most nodes of a body that is compared with the equations of cells.
  private static let mostNodes = 512

  /// The results of a `Loop` over timesteps; nil when its body is no cell.
  mutating func raisedLoop(
    _ call: ONNXCall, in scope: Scope
  ) throws(CheckpointError) -> [GraphValue]? {
    let body = try body(of: call)
    let values = Array(call.inputs.dropFirst(2))
    let isCounted = call.has(0)
    guard let rounds = isCounted ? GraphSizes(call[0])?.single : self.rounds(of: body, values),
      body.inputs.count == values.count + 2, body.outputs.count > values.count,
      !call.has(1)
        || call.node.inputs.count > 1
          && ONNXCondition(scope.depth == 0 ? file.graph.nodes : [], scope.values)
            .holds(call.node.inputs[1])
    else { return nil }
    var (carried, scans): ([RaisedBody.Carried], [RaisedBody.Scan]) = ([], [])
    for (index, value) in values.enumerated() {
      let (before, after) = (body.inputs[index + 2].name, body.outputs[index + 1].name)
      if let name = Self.collected(after, in: body, before: before, value) {
        scans.append(.init(name: name, output: index))
      } else {
        carried.append(.init(before: before, after: after, initial: value))
      }
    }
    let collected = Set(scans.map(\.output))
    for index in values.count + 1..<body.outputs.count {
      scans.append(.init(name: body.outputs[index].name, output: index - 1))
    }
    let own = RaisedBody(rounds: rounds, carried: carried, scans: scans)
    guard
      let raised = raised(
        own, body, call, in: scope, round: body.inputs[0].name, going: body.inputs[1].name,
        condition: isCounted ? body.outputs[0].name : nil)
    else { return nil }
    let outputs = try layer(raised, body, call, in: scope, direction: .forward)
    var results: [GraphValue] = []
    var handedOn = outputs.carried[...]
    for index in 0..<body.outputs.count - 1 {
      if index < values.count, !collected.contains(index) {
        results.append(handedOn.popFirst() ?? .nothing)
      } else if call.uses(index) {
        let rounds = try builder.transposed(outputs.sequence, 0, 1)
        results.append(index < values.count ? ONNXArrayList.value(rounds: rounds) : rounds)
      } else {
        results.append(.nothing)
      }
    }
    return results
  }

  /// The name of the value that every round adds to a sequence, which is empty before the loop; nil for
  /// other values.
  private static func collected(
    _ name: String, in body: ONNXGraph, before: String, _ initial: GraphValue
  ) -> String? {
    guard ONNXArrayList.elements(initial)?.isEmpty ?? false else { return nil }
    let source = ONNXCondition(body.nodes, [:]).source(of: name)
    let node = body.nodes.first { $0.outputs.first == source }
    guard let node, node.type == "SequenceInsert", node.domain.isEmpty, node.inputs.count == 2,
      node.inputs[0] == before
    else { return nil }
    return node.inputs[1]
  }

  /// The rounds of a loop that goes on while its counter is below a number that it carries: `t + 1 < T`.
  private func rounds(of body: ONNXGraph, _ values: [GraphValue]) -> Dimension? {
    guard body.inputs.count == values.count + 2, body.outputs.count > values.count else {
      return nil
    }
    let nodes = ONNXCondition(body.nodes, [:])
    guard let (counter, limit) = nodes.comparison(body.outputs[0].name) else { return nil }
    var (first, last): (Dimension?, Dimension?)
    for (index, value) in values.enumerated() {
      let (before, after) = (body.inputs[index + 2].name, body.outputs[index + 1].name)
      if before == limit, nodes.root(of: after) == limit { last = GraphSizes(value)?.single }
      if nodes.root(of: after) == counter { first = GraphSizes(value)?.single }
    }
    guard let first, let last else { return nil }
    return last.plus(first.times(-1))
  }

  /// The results of a `Scan` over timesteps; nil when its body is no cell.
  mutating func raisedScan(
    _ call: ONNXCall, in scope: Scope
  ) throws(CheckpointError) -> [GraphValue]? {
    let body = try body(of: call)
    let count = try call.int("num_scan_inputs", builder)
    guard call.version >= 9, count >= 1, count <= call.inputs.count,
      body.inputs.count == call.inputs.count, body.outputs.count >= call.inputs.count - count
    else { return nil }
    let (values, arrays) = (call.inputs.dropLast(count), call.inputs.suffix(count))
    func numbers(_ name: String, _ count: Int) throws(CheckpointError) -> [Int] {
      try call.ints(name, builder) ?? [Int](repeating: 0, count: count)
    }
    let scans = body.outputs.dropFirst(values.count).map(\.name)
    let inputAxes = try numbers("scan_input_axes", count)
    let (reversed, prepended) = (
      Set(try numbers("scan_input_directions", count)),
      try numbers("scan_output_directions", scans.count)
    )
    let outputAxes = try numbers("scan_output_axes", scans.count)
    guard inputAxes.count == count, reversed.count == 1, outputAxes.count == scans.count,
      prepended.count == scans.count, arrays.allSatisfy(\.isArray)
    else { return nil }
    var (parts, rounds): ([RaisedBody.Timestep], Dimension?) = ([], nil)
    for (index, array) in arrays.enumerated() {
      let axis = try builder.axis(inputAxes[index], of: array)
      rounds = try builder.extents(array)[axis]
      parts.append(.init(input: Model.Value(""), sequence: array, axis: axis))
    }
    guard let rounds else { return nil }
    let own = RaisedBody(
      rounds: rounds,
      carried: values.enumerated().map { index, value in
        .init(before: body.inputs[index].name, after: body.outputs[index].name, initial: value)
      },
      scans: scans.enumerated().map { index, name in
        .init(name: name, output: values.count + index)
      })
    guard let raised = raised(own, body, call, in: scope, parts: parts) else { return nil }
    let outputs = try layer(
      raised, body, call, in: scope, direction: reversed == [0] ? .forward : .backward)
    var all = outputs.carried
    for index in scans.indices {
      var sequence = outputs.sequence
      if prepended[index] != 0 {
        sequence = try builder.sliced(sequence, axis: 1, from: nil, to: nil, step: -1)
      }
      let axis = outputAxes[index] < 0 ? outputAxes[index] + 3 : outputAxes[index]
      guard 0...2 ~= axis else { throw call.problem("puts out along axis \(axis)", builder) }
      let order = axis == 0 ? [1, 0, 2] : axis == 1 ? [0, 1, 2] : [0, 2, 1]
      all.append(try builder.permuted(sequence, order))
    }
    return all
  }

  /// The timestep that a `Gather` takes in a body that is read as one round; nil for other nodes.
  mutating func timestep(
    _ node: ONNXNode, _ inputs: [GraphValue]
  ) throws(CheckpointError) -> GraphValue? {
    guard let own = raising, node.type == "Gather", node.domain.isEmpty, inputs.count == 2,
      let position = GraphSizes(inputs[1]), inputs[1].isSymbolic, position.isSingle,
      position.elements[0] == own.round, case .computed(let value) = inputs[0],
      let sequence = own.outside[value]
    else { return nil }
    var axis = 0
    if case .integer(let given)? = node.attribute("axis") { axis = given }
    let shape = try builder.extents(inputs[0])
    axis = try builder.axis(axis, of: inputs[0])
    guard shape[axis] == own.rounds else { return nil }
    return try timestep(of: sequence, axis: axis, shape: shape, type: builder.type(inputs[0]))
  }

  // MARK: reading one round

  /// One round of a body: the cell, and what it reads.
  private struct Raised {
    var step: StepCell
    var body: RaisedBody
    var timestep: RaisedBody.Timestep
  }

  /// Reads a body as the graph of one round, in a graph of its own; nil when it is no cell.
  private mutating func raised(
    _ given: RaisedBody, _ body: ONNXGraph, _ call: ONNXCall, in scope: Scope,
    round: String? = nil, going: String? = nil, condition: String? = nil,
    parts: [RaisedBody.Timestep] = []
  ) -> Raised? {
    guard raising == nil, given.rounds.least ?? 0 > 0, given.rounds.value ?? 2 > 1,
      body.nodes.count <= Self.mostNodes
    else { return nil }
    let around = builder
    defer { (builder, raising) = (around, nil) }
    builder = GraphBuilder(limits: around.limits)
    raising = given
    var inner = scope
    inner.depth += 1
    do throws(CheckpointError) {
      for name in Set(body.nodes.flatMap(\.reads)).sorted() {
        guard let value = inner.values[Name(name)], case .computed = value else { continue }
        inner.values[Name(name)] = try outside(value, name, around)
      }
      if let round { inner.values[Name(round)] = .size(given.round) }
      // A round is computed only where the condition before it holds.
      if let going { inner.values[Name(going)] = .flag(true) }
      for index in given.carried.indices { try carry(index, body.nodes, around, &inner) }
      for (part, name) in zip(parts, body.inputs.dropFirst(given.carried.count).map(\.name)) {
        inner.values[Name(name)] = try timestep(
          of: part.sequence, axis: part.axis, shape: around.extents(part.sequence),
          type: around.type(part.sequence))
      }
      try bindWeights(body, in: &inner)
      try read(
        body.nodes, results: given.carried.map(\.after) + given.scans.map(\.name), in: &inner)
      if let condition, !ONNXCondition(body.nodes, inner.values).holds(condition) { return nil }
      return raised(inner.values, call)
    } catch {
      return nil
    }
  }

  /// The cell of a body that was read.
  private func raised(_ values: [Name: GraphValue], _ call: ONNXCall) -> Raised? {
    guard let body = raising else { return nil }
    var next: [Model.Value] = []
    for carried in body.carried {
      switch carried.kind {
      case .constant: continue
      case .counter(let first):
        guard let size = values[Name(carried.after)].flatMap({ GraphSizes($0) }), size.isSingle,
          size.elements[0] == body.round.plus(first).plus(1)
        else { return nil }
      case .state:
        guard case .computed(let value)? = values[Name(carried.after)] else { return nil }
        next.append(value)
      }
    }
    let model = builder.model(named: "", producer: "", outputs: next)
    for (step, h) in StepCell.cells(of: model, states: body.states, becoming: next) {
      guard let timestep = body.timesteps.first(where: { $0.input == step.x }) else { continue }
      for scan in body.scans where call.uses(scan.output) {
        guard case .computed(h)? = values[Name(scan.name)] else { return nil }
      }
      return Raised(step: step, body: body, timestep: timestep)
    }
    return nil
  }

  /// An input that stands for a value around the body.
  private mutating func outside(
    _ value: GraphValue, _ name: String, _ around: GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let input = try builder.input(
      name, shape: around.extents(value), type: around.type(value) ?? .float32)
    if case .computed(let own) = input { raising?.outside[own] = value }
    return input
  }

  private mutating func timestep(
    of sequence: GraphValue, axis: Int, shape: [Dimension], type: ElementType?
  ) throws(CheckpointError) -> GraphValue {
    let known = raising?.timesteps.first { part in
      guard part.axis == axis, case .computed(let one) = part.sequence,
        case .computed(let other) = sequence
      else { return false }
      return one == other
    }
    if let known { return .computed(known.input) }
    var rest = shape
    rest.remove(at: axis)
    let input = try builder.input("timestep", shape: rest, type: type ?? .float32)
    if case .computed(let own) = input {
      raising?.timesteps.append(.init(input: own, sequence: sequence, axis: axis))
    }
    return input
  }

  /// Gives the body a value that is handed on.
  private mutating func carry(
    _ index: Int, _ nodes: [ONNXNode], _ around: GraphBuilder, _ inner: inout Scope
  ) throws(CheckpointError) {
    guard let own = raising else { return }
    let carried = own.carried[index]
    var value = carried.initial
    if ONNXCondition(nodes, [:]).source(of: carried.after) == carried.before {
      if case .computed = value { value = try outside(value, carried.before, around) }
    } else if let size = GraphSizes(value), size.isSingle {
      raising?.carried[index].kind = .counter(size.elements[0])
      value = .size(own.round.plus(size.elements[0]))
    } else {
      value = try builder.input(
        carried.before, shape: around.extents(value), type: around.type(value) ?? .float32)
      if case .computed(let input) = value { raising?.carried[index].kind = .state(input) }
    }
    inner.values[Name(carried.before)] = value
  }

  // MARK: the layer

  private mutating func layer(
    _ raised: Raised, _ body: ONNXGraph, _ call: ONNXCall, in scope: Scope,
    direction: Recurrent.Direction
  ) throws(CheckpointError) -> (carried: [GraphValue], sequence: GraphValue) {
    // The weights of the body are known under their names.
    var unused = scope
    unused.depth += 1
    try bindWeights(body, in: &unused)
    let name = builder.name
    builder.name = "\(name).input"
    var sequence = raised.timestep.sequence
    guard try builder.extents(sequence).count == 3 else {
      throw call.problem("reads something that is no sequence of vectors", builder)
    }
    // The other two axes are the batch and the features of one timestep.
    var order = [0, 1, 2]
    order.remove(at: raised.timestep.axis)
    order.insert(raised.timestep.axis, at: 1)
    if order != [0, 1, 2] { sequence = try builder.permuted(sequence, order) }
    var initial: [GraphValue] = []
    for state in raised.step.states {
      let index = raised.body.carried.firstIndex { carried in
        if case .state(state) = carried.kind { true } else { false }
      }
      if let index { initial.append(raised.body.carried[index].initial) }
    }
    var states: [Model.Value] = []
    if !initial.allSatisfy({ $0.known?.isZero ?? false }) {
      for state in initial { states.append(try builder.computed(state)) }
    }
    let layer = Recurrent(
      cell: raised.step.cell, returnsSequence: true, returnsState: true, direction: direction,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    let outputs = try builder.add(
      .recurrent(layer), [builder.computed(sequence)], name: name, initialState: states,
      precision: raised.step.cell.tensors.first?.tensor.elementType)
    builder.name = "\(name).output"
    let carried = raised.body.carried.map { carried -> GraphValue in
      switch carried.kind {
      case .constant: return carried.initial
      case .counter(let first):
        return GraphSizes([first.plus(raised.body.rounds)], isSingle: true).value
      case .state(let value):
        let index = raised.step.states.firstIndex(of: value) ?? 0
        return .computed(outputs[1 + index])
      }
    }
    return (carried, .computed(outputs[0]))
  }
}
