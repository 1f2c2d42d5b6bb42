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
    var (found, steps): (Set<Name>, Int) = ([], 0)
    /// Follows a state to the inputs that it is a part of; `removed` axes in front of the batch were
    /// taken away on the way back and not put in again.
    func follow(_ name: String, _ removed: Int) {
      steps += 1
      guard let before = producers[Name(name)], steps < 4096 else {
        if removed == 0 { found.insert(Name(name)) }
        return
      }
      switch before.type {
      // Parts of a state along its first axis have the batch where the state has it.
      case "Identity", "Cast", "Slice", "Split":
        if let source = before.inputs.first { follow(source, removed) }
      case "Concat": for source in before.inputs { follow(source, removed) }
      case "Unsqueeze": if let source = before.inputs.first { follow(source, removed + 1) }
      case "Gather", "Squeeze":
        if removed > 0, let source = before.inputs.first { follow(source, removed - 1) }
      default: return
      }
    }
    let weights = Set(initializers.map { Name($0.name) })
    /// Follows a sequence through what computes every timestep of every sequence by itself.
    func followSequence(_ name: String) {
      steps += 1
      guard steps < 4096, !weights.contains(Name(name)) else { return }
      guard let before = producers[Name(name)] else {
        found.insert(Name(name))
        return
      }
      switch before.type {
      case "MatMul", "LayerNormalization", "Softmax", "Clip", "PRelu", "Pow", "Dropout":
        if let source = before.inputs.first { followSequence(source) }
      case "Gather":
        // Rows of a table for tokens.
        if let table = before.inputs.first, weights.contains(Name(table)), before.inputs.count > 1 {
          followSequence(before.inputs[1])
        }
      case "Add", "Sub", "Mul", "Div", "Max", "Min", "Where": before.inputs.forEach(followSequence)
      default:
        if ONNXOperators.isElementwise(before.type), let source = before.inputs.first {
          followSequence(source)
        }
      }
    }
    for node in nodes where ONNXOperators.isRecurrent(node.type) && !node.hasBatchFirst {
      for index in [5, 6] where node.inputs.indices.contains(index) {
        follow(node.inputs[index], 0)
      }
      if let name = node.inputs.first { followSequence(name) }
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
