import RecurModel
import RecurTensors

// The weights and the inputs of a graph as values.
extension ONNXModelReader {
  mutating func bindWeights(
    _ graph: ONNXGraph, in scope: inout Scope
  ) throws(CheckpointError) {
    for weight in graph.initializers {
      let name = Name(weight.name)
      guard scope.depth > 0 || scope.values[name] == nil else {
        throw ONNXModel.invalid("two weights are named '\(weight.name)'", weight.location)
      }
      // What no number can be made of is refused where it is used.
      guard weight.elementType != nil else { continue }
      let tensor = try weight.tensor(files)
      builder.register(tensor, as: weight.name)
      scope.values[name] = .known(KnownArray(tensor, name: weight.name))
    }
  }

  mutating func bindInputs(in scope: inout Scope) throws(CheckpointError) {
    let inputs = file.graph.inputs.filter { scope.values[Name($0.name)] == nil }
    var shapes: [[Dimension]] = []
    for input in inputs { shapes.append(try shape(of: input)) }
    let batch = Self.batch(shapes)
    let batchSecond = file.graph.inputsWithBatchSecond
    for (input, shape) in zip(inputs, shapes) {
      builder.location = input.location
      guard let number = input.type, let type = ONNXTensor.elementTypes[number], !type.isComplex
      else {
        throw builder.problem(
          "the input '\(input.name)' has elements of type \(input.type ?? 0)",
          expected: "numbers or Booleans")
      }
      scope.values[Name(input.name)] = try builder.input(
        input.name, shape: shape, type: type, batch: batch,
        batchAxis: batchSecond.contains(Name(input.name)) && shape.count > 1 ? 1 : 0)
    }
  }

  private func shape(of input: ONNXValueInfo) throws(CheckpointError) -> [Dimension] {
    guard let extents = input.shape else {
      throw CheckpointError(
        .graphUnsupported, "the input '\(input.name)' has no shape", at: input.location,
        hint: "export the model with the number of axes of every input")
    }
    var shape: [Dimension] = []
    for (axis, extent) in extents.enumerated() {
      switch extent {
      case .fixed(let value):
        // Some writers say 0 or less for an extent that is free.
        guard value > 0, value < 1 << 40 else {
          shape.append(.free("\(input.name)_axis\(axis)"))
          continue
        }
        shape.append(.fixed(value))
      case .named(let name):
        shape.append(fixed[name].map { .fixed($0) } ?? .free("\(name)"))
      case .unknown: shape.append(.free("\(input.name)_axis\(axis)"))
      }
    }
    return shape
  }

  /// The free extent that most inputs have; the first one of these.
  private static func batch(_ shapes: [[Dimension]]) -> Dimension? {
    let free = shapes.flatMap { $0 }.filter { $0.value == nil }
    var best: (extent: Dimension, count: Int)?
    for extent in free {
      let count = shapes.count { $0.contains(extent) }
      if count > best?.count ?? 0 { best = (extent, count) }
    }
    return best?.extent
  }
}

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
  /// Whether a recurrent operator has the batch as its first axis.
  fileprivate var hasBatchFirst: Bool {
    if case .integer(let layout)? = attribute("layout") { layout != 0 } else { false }
  }
}
