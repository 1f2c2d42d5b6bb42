import RecurModel
import RecurTensors

// Layers that compute every element by itself.

extension Identity: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] { [call.x] }
}

extension Activation: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    [try graph.activated(call.floating(&graph), self, call)]
  }
}

extension Softmax: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    guard axes.count == 1, !isLogarithm else {
      throw call.unrepresentable("has several axes, or is a logarithm")
    }
    return [graph.map("softmax", call.floating(&graph), [("axis", .int(call.axis(axes[0])))])]
  }
}

extension Scaling: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    func row(_ values: [Double]) -> MILWritten {
      graph.numbers(values, call.type, shape: values.count == 1 ? [] : [values.count])
    }
    let scaled = graph.multiply(call.floating(&graph), row(scale))
    return [graph.add(scaled, row(offset))]
  }
}

extension Clamp: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    guard call.x.type.isFloatingPoint else {
      throw call.unrepresentable("keeps whole numbers within bounds")
    }
    var y = call.x
    if let minimum { y = graph.pair("maximum", y, graph.number(minimum, y.type)) }
    if let maximum { y = graph.pair("minimum", y, graph.number(maximum, y.type)) }
    return [y]
  }
}

extension Casting: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    guard [.float32, .float16, .int32, .bool].contains(type) else {
      throw call.unrepresentable("makes numbers of type \(type), which Core ML does not have")
    }
    return [graph.cast(call.x, to: type)]
  }
}

extension Unary: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let names: [Unary: String] = [
      .squareRoot: "sqrt", .square: "square", .absolute: "abs", .sign: "sign", .floor: "floor",
      .ceiling: "ceil", .round: "round", .sine: "sin", .cosine: "cos", .tangent: "tan",
      .inverseSine: "asin", .inverseCosine: "acos", .inverseTangent: "atan",
      .hyperbolicSine: "sinh", .hyperbolicCosine: "cosh", .errorFunction: "erf",
    ]
    let x = call.floating(&graph)
    if self == .negative { return [graph.multiply(x, by: -1)] }
    if self == .log { return [graph.map("log", x, [("epsilon", .number(0, x.type))])] }
    guard let name = names[self] else {
      throw call.unrepresentable("is a function for which Core ML has no operation")
    }
    return [graph.map(name, x)]
  }
}

extension Binary: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let names: [Function: String] = [
      .add: "add", .subtract: "sub", .multiply: "mul", .divide: "real_div", .power: "pow",
      .maximum: "maximum", .minimum: "minimum",
    ]
    guard let name = names[function] else {
      throw call.unrepresentable("is a function that is not written as an operation of Core ML")
    }
    guard call.inputs.allSatisfy({ $0.type.isFloatingPoint }) else {
      throw call.unrepresentable("computes with whole numbers")
    }
    let both = call.operands(allOperands, as: call.type, &graph)
    return [
      graph.apply(
        name, [("x", .value(both[0])), ("y", .value(both[1]))], shape: call.shapes[0],
        as: call.type)
    ]
  }
}

extension Merge: CoreMLLayer {
  func results(
    _ call: CoreMLLayerCall, _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let inputs = call.inputs.map { graph.cast($0, to: call.type) }
    guard Set(inputs.map(\.rank)).count == 1 else {
      throw call.unrepresentable("combines arrays of different numbers of axes")
    }
    func folded(_ name: String) -> MILWritten {
      inputs.dropFirst().reduce(inputs[0]) { graph.pair(name, $0, $1) }
    }
    switch self {
    case .add: return [folded("add")]
    case .subtract: return [folded("sub")]
    case .multiply: return [folded("mul")]
    case .average: return [graph.multiply(folded("add"), by: 1 / Double(inputs.count))]
    case .maximum: return [folded("maximum")]
    case .minimum: return [folded("minimum")]
    case .concatenate(let axis):
      return [graph.concatenated(inputs, axis: call.axis(axis), shape: call.shapes[0])]
    case .stack(let axis):
      return [
        graph.apply(
          "stack", [("values", .values(inputs)), ("axis", .int(axis))], shape: call.shapes[0],
          as: call.type)
      ]
    case .dot: throw call.unrepresentable("is not written as operations of Core ML")
    }
  }
}
