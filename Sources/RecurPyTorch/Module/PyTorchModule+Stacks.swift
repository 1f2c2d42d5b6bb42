import RecurModel
import RecurTensors

/// Recurrent modules of several layers, as PyTorch's users write them.
extension PyTorchModule {
  /// The expression that makes the module.
  func constructor(_ stack: PyTorchStacks.Stack) -> String {
    guard let form = stack.nodes[0].layer.firstCell?.pytorch.form, let torchClass = form.torchClass
    else { return "nn.Identity()" }
    let construction = construction(stack.nodes[0])
    var options = form.torchArguments
    if stack.isCell {
      options.removeAll { $0 == "batch_first=True" }
      return construction.call("\(torchClass)Cell", options)
    }
    if stack.timeFirst != nil { options.removeAll { $0 == "batch_first=True" } }
    if stack.nodes.count > 1 { options.insert("num_layers=\(stack.nodes.count)", at: 2) }
    if stack.directions > 1 { options.append("bidirectional=True") }
    return construction.call(torchClass, options)
  }

  /// The statements that call the module, written where its first layer is.
  func statements(_ stack: PyTorchStacks.Stack) -> [String] {
    let first = stack.nodes[0]
    let y = variables[stack.name]
    let module = "self.\(mapping.prefix(of: first.layerName))"
    if stack.isCell { return cellStatements(stack, y, module) }
    let names = ["h_n", "c_n"].prefix(stack.kinds).map { "\(y)__\($0)" }
    let x = cast(stack.timeFirst ?? first.inputs[0], to: first)
    let order = stack.timeFirst == nil ? "batch_first=True, " : ""
    var lines: [String] = []
    var arguments = [x]
    if let lengths = stack.lengths {
      lines.append(
        "\(y) = nn.utils.rnn.pack_padded_sequence(\(x), \(variable(lengths)).cpu(), "
          + "\(order)enforce_sorted=False)")
      arguments = [y]
    }
    let states = initialStates(stack)
    if !states.isEmpty {
      arguments.append(states.count == 1 ? states[0] : "(\(states.joined(separator: ", ")))")
    }
    let usesStates = usesStates(stack)
    let after =
      usesStates ? (names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))") : "_"
    let sequence = stack.returnsSequence ? y : "_"
    lines.append("\(sequence), \(after) = \(module)(\(arguments.joined(separator: ", ")))")
    if stack.returnsSequence, stack.lengths != nil {
      lines.append(
        "\(y), _ = nn.utils.rnn.pad_packed_sequence(\(y), \(order)"
          + "total_length=\(x).shape[\(stack.timeFirst == nil ? 1 : 0)])")
    }
    if !stack.returnsSequence {
      lines.append(
        stack.directions == 1
          ? "\(y) = \(names[0])[-1]" : "\(y) = torch.cat((\(names[0])[-2], \(names[0])[-1]), -1)")
    }
    return lines + rounded([y] + (usesStates ? names : []), first)
  }

  private func cellStatements(
    _ stack: PyTorchStacks.Stack, _ y: String, _ module: String
  ) -> [String] {
    let cell = stack.nodes[0]
    // A cell takes no axis of timesteps, so the node that adds one is skipped.
    let x = model.node(cell.inputs[0].node)?.inputs.first.map { cast($0, to: cell) } ?? ""
    let names = ["h", "c"].prefix(stack.kinds).map { "\(y)__\($0)" }
    let states = cell.initialState.map { cast($0, to: cell) }
    let given = states.count > 1 ? ["(\(states.joined(separator: ", ")))"] : states
    let arguments = ([x] + given).joined(separator: ", ")
    return ["\(names.joined(separator: ", ")) = \(module)(\(arguments))"] + rounded(names, cell)
  }

  /// Whether anything needs the final states.
  private func usesStates(_ stack: PyTorchStacks.Stack) -> Bool {
    guard stack.returnsSequence else { return true }
    let finals = Set((0..<stack.kinds).flatMap(stack.finalStates))
    return model.outputs.contains(where: finals.contains)
      || model.nodes.contains { $0.operands.contains(where: finals.contains) }
  }

  /// The initial states, one expression `[layers, batch, units]` per kind of state; empty for
  /// zeros.
  private func initialStates(_ stack: PyTorchStacks.Stack) -> [String] {
    guard !stack.nodes[0].initialState.isEmpty else { return [] }
    return (0..<stack.kinds).map { kind in
      let values = stack.initialStates(kind)
      if let whole = whole(values) { return cast(whole, to: stack.nodes[0]) }
      let list = values.map { "\(cast($0, to: stack.nodes[0]))," }.joined(separator: " ")
      return "torch.stack((\(list)))"
    }
  }

  /// The value whose elements along its first axis are `values`, all and in order; nil if there is
  /// none.
  private func whole(_ values: [Model.Value]) -> Model.Value? {
    var source: Model.Value?
    for (index, value) in values.enumerated() {
      guard let node = model.node(value.node), node.mask == nil,
        node.layer.selectsFromFirstAxis == index, let from = node.inputs.first,
        source == nil || source == from
      else { return nil }
      source = from
    }
    return source.flatMap { shapes[$0]?.first?.value == values.count ? $0 : nil }
  }

  private func rounded(_ names: [String], _ node: Model.Node) -> [String] {
    guard node.precision.isHalfWidthFloat else { return [] }
    return names.map { "\($0) = \($0).to(torch.\(node.precision)).to(torch.float32)" }
  }

  // MARK: values

  /// The expression for an output of a stack, or for its stacked states; nil for other values.
  func stackVariable(_ value: Model.Value) -> String? {
    if let (stack, layer) = stacks[value.node] {
      let y = variables[stack.name]
      if stack.isCell { return "\(y)__\(value.output == 2 ? "c" : "h")" }
      guard value.output > 0 else { return y }
      let (direction, kind) = (value.output - 1).quotientAndRemainder(dividingBy: stack.kinds)
      return "\(y)__\(kind == 0 ? "h_n" : "c_n")[\(layer * stack.directions + direction)]"
    }
    return aliases[Name(value.node)]
  }

  /// The nodes whose output is already in a variable of a stack: states stacked again, or a
  /// sequence with its timesteps first.
  static func aliases(
    _ model: Model, _ stacks: PyTorchStacks, _ variables: PyTorchNames
  ) -> [Name: String] {
    var wholes: [Name: String] = [:]
    for node in model.nodes {
      if node.layer.exchangesBatchAndTime,
        let stack = node.inputs.first.flatMap({ stacks[$0.node]?.stack }), stack.timeFirst != nil,
        node.inputs == [stack.output]
      {
        wholes[Name(node.name)] = variables[stack.name]
      }
      guard case .merge(.stack(axis: 0)) = node.layer,
        let stack = node.inputs.first.flatMap({ stacks[$0.node]?.stack }), !stack.isCell
      else { continue }
      for kind in 0..<stack.kinds where node.inputs == stack.finalStates(kind) {
        wholes[Name(node.name)] = "\(variables[stack.name])__\(kind == 0 ? "h_n" : "c_n")"
      }
    }
    return wholes
  }

  /// The nodes that need no statement, because only the call of a stack uses them.
  func absorbedNodes() -> Set<Name> {
    var absorbed = Set(aliases.keys)
    var uses: [Model.Value: Int] = [:]
    for node in model.nodes {
      for value in node.operands { uses[value, default: 0] += 1 }
    }
    for value in model.outputs { uses[value, default: 0] += 1 }
    var own: [Model.Value: Int] = [:]
    for stack in stacks.stacks {
      for kind in 0..<stack.kinds where whole(stack.initialStates(kind)) != nil {
        for value in stack.initialStates(kind) { own[value, default: 0] += 1 }
      }
      if stack.isCell || stack.timeFirst != nil {
        own[stack.nodes[0].inputs[0], default: 0] += 1
      }
      for node in stack.nodes { if let mask = node.mask { own[mask, default: 0] += 1 } }
    }
    // If a mask is not computed, the sequence from which it would be made is not used either.
    for node in model.nodes where uses[Model.Value(node.name)] == own[Model.Value(node.name)] {
      guard case .lengthMask = node.layer else { continue }
      for value in node.inputs { own[value, default: 0] += 1 }
    }
    for (value, count) in own where uses[value] == count && !isInput(value) {
      absorbed.insert(Name(value.node))
    }
    return absorbed
  }

  private func isInput(_ value: Model.Value) -> Bool {
    if case .input = model.node(value.node)?.layer { true } else { false }
  }

  /// The statement that gives an optional input zeros when a call leaves it out.
  func optionalInput(_ node: Model.Node, _ input: Input) -> [String] {
    guard input.isOptional, let given = model.requiredInputs.first,
      case .input(let other) = model.node(given)?.layer
    else { return [] }
    let (y, x) = (variables[node.name], variables[given])
    let extents = input.shape.enumerated().map { axis, extent in
      extent.map { "\($0)" } ?? "\(x).shape[\(axis == input.batchAxis ? other.batchAxis : axis)]"
    }
    let type = PyTorchType(input.elementType).rawValue
    return [
      "if \(y) is None:",
      "    \(y) = \(x).new_zeros(\(extents.joined(separator: ", ")), dtype=\(type))",
    ]
  }
}

extension Layer {
  /// The position of an element that is taken along the first axis; nil for other selections.
  fileprivate var selectsFromFirstAxis: Int? {
    if case .selection(let selection) = self, selection.axis == 0 { selection.index } else { nil }
  }
}
