import RecurContainers
import RecurModel
import RecurTensors

// Nodes that are no operators of a model by themselves.
extension GraphModelReader {
  /// What a node is that hands on values, keeps them or makes them of nothing; nil for other nodes.
  mutating func special(
    _ node: GraphOperator, _ inputs: [NodeValue], _ scope: inout Scope
  ) throws(CheckpointError) -> [NodeValue]? {
    if GraphOperators.identities.contains(node.operation), let first = inputs.first {
      return [first]
    }
    switch node.operation {
    case "IdentityN": return inputs
    case "Const": return [try constant(node)]
    case "VariableV2", "Variable": return [try variable(node.name, node, scope)]
    case "VarHandleOp":
      return [.handle(node.text("shared_name").flatMap { $0.isEmpty ? nil : $0 } ?? node.name)]
    case "ReadVariableOp":
      guard case .handle(let name)? = inputs.first else { return nil }
      return [try variable(name, node, scope)]
    case "ResourceGather":
      guard case .handle(let name)? = inputs.first, inputs.count == 2,
        case .value(let table) = try variable(name, node, scope)
      else { return nil }
      let indices = try array(inputs[1], &scope, for: node.dataInputs[1])
      let call = OperatorCall(node: node, inputs: [table, indices])
      return [.value(try GraphOperators.rows(call, &scope.builder))]
    case "PlaceholderWithDefault":
      return [try setting(node.name, node).map { .value($0) } ?? inputs.first ?? .value(.nothing)]
    case "Switch", "RefSwitch": return try branches(node, inputs, scope)
    default: break
    }
    if let own = try turned(node, inputs, &scope) { return own }
    if let own = try drawn(node, inputs, scope) { return own }
    if let own = try kept(node, inputs, &scope) { return own }
    if scope.round != nil, let own = try ofRound(node, inputs, &scope) { return own }
    if node.operation == "StridedSlice", case .value(let value)? = inputs.first,
      let last = GraphOperators.lastTimestep(value), inputs.count > 1,
      case .value(let start) = inputs[1], GraphSizes(start)?.elements.map(\.value) == [-1],
      node.integer("shrink_axis_mask") == 1
    {
      return [.value(last)]
    }
    return nil
  }

  // MARK: numbers

  private mutating func constant(_ node: GraphOperator) throws(CheckpointError) -> NodeValue {
    guard let tensor = try graph.constant(node) else { return .value(.text("")) }
    use(node.name)
    return .value(.known(KnownArray(tensor, name: node.name)))
  }

  private mutating func variable(
    _ name: String, _ node: GraphOperator, _ scope: Scope
  ) throws(CheckpointError) -> NodeValue {
    guard let tensor = variables[name] else {
      throw scope.builder.problem(
        "the variable '\(name)' of '\(node.name)' is not there",
        expected: "the variables beside the graph, or a frozen graph")
    }
    use(name)
    return .value(.known(KnownArray(tensor, name: name)))
  }

  /// A value that was given for a placeholder; nil when none was.
  func setting(
    _ name: String, _ node: GraphOperator
  ) throws(CheckpointError) -> GraphValue? {
    guard let text = settings.first(where: { $0.name == name })?.value, !text.hasPrefix("[") else {
      return nil
    }
    let type = node.type("dtype") ?? .float32
    let number: Double? =
      switch text {
      case "True", "true": 1
      case "False", "false": 0
      default: Double(text)
      }
    guard let number, number.isFinite else {
      throw CheckpointError(
        .graphUnsupported, "the value '\(text)' for '\(name)' is no number", at: node.location,
        expected: "a number, True or False")
    }
    return .known(try KnownArray(repeating: number, type, shape: []))
  }

  /// The shape that was given for a placeholder: `[None, 200, 3]`; nil when none was.
  func givenShape(_ node: GraphOperator) throws(CheckpointError) -> [Int?]? {
    guard let text = settings.first(where: { $0.name == node.name })?.value, text.hasPrefix("[")
    else {
      return nil
    }
    var shape: [Int?] = []
    for part in text.dropFirst().prefix(while: { $0 != "]" }).split(separator: ",") {
      let word = part.filter { $0 != " " }
      guard word == "None" || Int(word).map({ 1..<1 << 40 ~= $0 }) ?? false, shape.count < 8 else {
        throw CheckpointError(
          .graphUnsupported, "'\(text)' for '\(node.name)' is no shape", at: node.location,
          expected: "extents, None for those that are free: [None, 200, 3]")
      }
      shape.append(Int(word))
    }
    return shape
  }

  // MARK: branches

  /// The outputs of a `Switch`: the value on the side that is taken.
  private func branches(
    _ node: GraphOperator, _ inputs: [NodeValue], _ scope: Scope
  ) throws(CheckpointError) -> [NodeValue] {
    guard let first = node.dataInputs.first, inputs.count == 2 else {
      throw CheckpointError(
        .tensorFlowGraphInvalid, "'\(node.name)' has \(inputs.count) inputs", at: node.location)
    }
    if frames.frames[Name(GraphOperator.node(first))] != nil { return [inputs[0], inputs[0]] }
    guard case .value(let condition) = inputs[1], let flag = condition.double else {
      throw scope.builder.problem(
        "'\(node.name)' chooses by '\(node.dataInputs[1])', which is not the same in every call",
        expected: "a placeholder whose value is given, or a constant")
    }
    return flag != 0 ? [.dead, inputs[0]] : [inputs[0], .dead]
  }

  // MARK: sequences that are turned around

  private func turned(
    _ node: GraphOperator, _ inputs: [NodeValue], _ scope: inout Scope
  ) throws(CheckpointError) -> [NodeValue]? {
    switch (node.operation, inputs.first) {
    case ("ReverseSequence", _):
      guard inputs.count == 2, case .value(let lengths) = inputs[1],
        let axis = node.integer("seq_dim")
      else { return nil }
      let batch = node.integer("batch_dim") ?? 0
      if case .reversed(let source, let own, axis)? = inputs.first,
        own.map({ same($0, lengths) }) ?? false
      {
        return [.value(source)]
      }
      guard case .value(let x)? = inputs.first, try scope.builder.extents(x).count >= 2,
        [axis, batch].sorted() == [0, 1]
      else { return nil }
      return [.reversed(x, lengths: lengths, axis: axis)]
    case ("ReverseV2", _):
      guard inputs.count == 2, case .value(let axes) = inputs[1],
        let given = GraphSizes(axes)?.elements.compactMap(\.value)
      else { return nil }
      if case .reversed(let source, lengths: nil, let axis)? = inputs.first, given == [axis] {
        return [.value(source)]
      }
      let x = try array(inputs[0], &scope, for: node.dataInputs[0])
      if given.count == 1 {
        return [.reversed(x, lengths: nil, axis: try scope.builder.axis(given[0], of: x))]
      }
      var result = x
      for axis in given {
        result = try scope.builder.sliced(result, axis: axis, from: nil, to: nil, step: -1)
      }
      return [.value(result)]
    case ("Shape", .reversed(let source, _, _)?):
      guard let shape = scope.builder.shape(source) else { return nil }
      return [.value(GraphSizes(shape).value)]
    case ("Transpose", .reversed(let source, let lengths, let axis)?):
      guard inputs.count == 2, case .value(let value) = inputs[1],
        let order = GraphSizes(value)?.elements.compactMap(\.value),
        let place = order.firstIndex(of: axis)
      else { return nil }
      return [
        .reversed(
          try scope.builder.permuted(source, order), lengths: lengths, axis: place)
      ]
    default: return nil
    }
  }

  /// Whether two values are one.
  func same(_ one: GraphValue, _ other: GraphValue) -> Bool {
    switch (one, other) {
    case (.computed(let value), .computed(let own)): value == own
    case (.known(let known), .known(let own)): known.array.doubles() == own.array.doubles()
    default: false
    }
  }

  // MARK: numbers that are drawn

  /// Numbers that are drawn, and what is left of them where dropout is off.
  private func drawn(
    _ node: GraphOperator, _ inputs: [NodeValue], _ scope: Scope
  ) throws(CheckpointError) -> [NodeValue]? {
    if node.operation == "RandomUniform" { return [.random(least: 0, span: 1)] }
    guard let index = inputs.firstIndex(where: { if case .random = $0 { true } else { false } }),
      case .random(let least, let span) = inputs[index]
    else { return nil }
    let other: Double? =
      inputs.count == 2
      ? { if case .value(let value) = inputs[1 - index] { value.double } else { nil } }() : nil
    switch (node.operation, other) {
    case ("Add", let other?), ("AddV2", let other?):
      return [.random(least: least + other, span: span)]
    case ("Mul", let other?) where other > 0:
      return [.random(least: least * other, span: span * other)]
    case ("Floor", _) where least == least.rounded(.down) && span <= 1:
      return [.value(.known(try KnownArray(repeating: least, .float32, shape: [])))]
    case ("GreaterEqual", let other?) where index == 0 && other <= least:
      return [.value(.known(try KnownArray(repeating: 1, .bool, shape: [])))]
    default:
      throw scope.builder.problem(
        "'\(node.name)' draws random numbers, as dropout does in training",
        hint: "give the placeholder that says how much is kept, such as keep_prob, the value 1")
    }
  }
}
