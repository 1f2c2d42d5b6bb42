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
    let batchSecond = file.graph.inputsWithBatchSecond
    let batch = Self.batch(
      shapes,
      second: zip(inputs, shapes).compactMap { input, shape in
        batchSecond.contains(Name(input.name)) && shape.count > 1 ? shape[1] : nil
      })
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

  /// The free extent that is the batch: of the inputs whose second axis it is, or else the one that
  /// most inputs have; the first one of these.
  ///
  /// Where the batch of a sequence is a number, its free extent is the timesteps.
  private static func batch(_ shapes: [[Dimension]], second: [Dimension]) -> Dimension? {
    if let own = second.first, second.allSatisfy({ $0 == own }) {
      return own.value == nil ? own : nil
    }
    let free = shapes.flatMap { $0 }.filter { $0.value == nil }
    var best: (extent: Dimension, count: Int)?
    for extent in free {
      let count = shapes.count { $0.contains(extent) }
      if count > best?.count ?? 0 { best = (extent, count) }
    }
    return best?.extent
  }
}
