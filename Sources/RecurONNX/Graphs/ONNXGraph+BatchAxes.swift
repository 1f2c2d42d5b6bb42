import RecurModel
import RecurTensors

// Which inputs of a graph have the batch as their second axis.
extension ONNXGraph {
  /// The inputs whose second axis is the batch: sequences that a recurrent operator reads with the
  /// timesteps first, and states.
  var inputsWithBatchSecond: Set<Name> {
    var producers: [Name: ONNXNode] = [:]
    for node in nodes { for output in node.outputs { producers[Name(output)] = node } }
    let weights = Set(initializers.map { Name($0.name) })
    /// The states, with how many axes in front of the batch were taken away on the way back and not put
    /// in again, and the sequences.
    var (states, sequences): ([(name: Name, removed: Int)], [Name]) = ([], [])
    for node in nodes where ONNXOperators.isRecurrent(node.type) && !node.hasBatchFirst {
      for index in [5, 6] where node.inputs.indices.contains(index) {
        states.append((Name(node.inputs[index]), 0))
      }
      if let name = node.inputs.first { sequences.append(Name(name)) }
    }
    for node in nodes { sequences += node.sequencesWithTimeFirst }
    var found: Set<Name> = []
    // A state is followed to the inputs that it is a part of.
    var seenStates: [Name: Set<Int>] = [:]
    while let (name, removed) = states.popLast() {
      guard seenStates[name, default: []].insert(removed).inserted else { continue }
      guard let before = producers[name] else {
        if removed == 0 { found.insert(name) }
        continue
      }
      let source = before.inputs.first.map { Name($0) }
      switch before.type {
      // Parts of a state along its first axis have the batch where the state has it.
      case "Identity", "Cast", "Slice", "Split":
        if let source { states.append((source, removed)) }
      case "Concat": for input in before.inputs { states.append((Name(input), removed)) }
      case "Unsqueeze": if let source, removed < 8 { states.append((source, removed + 1)) }
      case "Gather", "Squeeze": if let source, removed > 0 { states.append((source, removed - 1)) }
      default: continue
      }
    }
    // A sequence is followed through what computes every timestep of every sequence by itself.
    var seen: Set<Name> = []
    while let name = sequences.popLast() {
      guard !weights.contains(name), seen.insert(name).inserted else { continue }
      guard let before = producers[name] else {
        found.insert(name)
        continue
      }
      switch before.type {
      case "MatMul", "LayerNormalization", "Softmax", "Clip", "PRelu", "Pow", "Dropout":
        sequences += before.inputs.prefix(1).map { Name($0) }
      case "Gather":
        // Rows of a table for tokens.
        if let table = before.inputs.first, weights.contains(Name(table)) {
          sequences += before.inputs.dropFirst().prefix(1).map { Name($0) }
        }
      case "Add", "Sub", "Mul", "Div", "Max", "Min", "Where":
        sequences += before.inputs.map { Name($0) }
      default:
        guard ONNXOperators.isElementwise(before.type) else { continue }
        sequences += before.inputs.prefix(1).map { Name($0) }
      }
    }
    return found
  }
}

extension ONNXNode {
  /// What a loop reads timestep by timestep along the first axis.
  fileprivate var sequencesWithTimeFirst: [Name] {
    guard domain.isEmpty, case .graph(let body)? = attribute("body") else { return [] }
    switch type {
    case "Scan":
      guard case .integer(let count)? = attribute("num_scan_inputs"), 1...inputs.count ~= count
      else { return [] }
      var axes = [Int](repeating: 0, count: count)
      if case .integers(let given)? = attribute("scan_input_axes"), given.count == count {
        axes = given
      }
      return zip(inputs.suffix(count), axes).filter { $1 == 0 }.map { Name($0.0) }
    case "Loop":
      // The parts of a sequence that a round takes by its number.
      let own = Set(body.inputs.map(\.name) + body.nodes.flatMap(\.outputs))
      let numbers = ONNXCondition(body.nodes, [:])
      return body.nodes.compactMap { node in
        guard node.type == "Gather", node.domain.isEmpty, node.inputs.count == 2,
          !own.contains(node.inputs[0]),
          body.inputs.contains(where: { $0.name == numbers.root(of: node.inputs[1]) })
        else { return nil }
        if case .integer(let axis)? = node.attribute("axis"), axis != 0 { return nil }
        return Name(node.inputs[0])
      }
    default: return []
    }
  }

  /// Whether a recurrent operator has the batch as its first axis.
  fileprivate var hasBatchFirst: Bool {
    if case .integer(let layout)? = attribute("layout") { layout != 0 } else { false }
  }
}
