import RecurModel
import RecurTensors

extension Binary: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let floats = call.inputs.contains { $0.type.isFloatingPoint }
    let fraction = allOperands.contains { $0.constant?.isWhole == false }
    /// The type in which both are compared.
    let common: ElementType = floats || fraction ? call.type : .int64
    func both(_ type: ElementType) -> (ONNXValue, ONNXValue) {
      let values = call.operands(allOperands, as: type, &graph)
      return (values[0], values[1])
    }
    func plain(_ operation: String, _ type: ElementType) -> ONNXValue {
      let (x, y) = both(type)
      return graph.apply(operation, x, y)
    }
    func compared(_ operation: String, _ type: ElementType) -> ONNXValue {
      let (x, y) = both(type)
      return graph.compare(operation, x, y)
    }
    let result: ONNXValue
    switch function {
    case .add: result = plain("Add", call.outputType)
    case .subtract: result = plain("Sub", call.outputType)
    case .multiply: result = plain("Mul", call.outputType)
    case .maximum: result = plain("Max", call.outputType)
    case .minimum: result = plain("Min", call.outputType)
    case .divide: result = plain("Div", call.type)
    case .power: result = plain("Pow", call.outputType)
    // Where a quotient is nearly whole, one of float32 may be rounded up to it.
    case .floorDivide:
      let (x, y) = both(call.outputType.isFloatingPoint ? call.type : .float64)
      let quotient = graph.divide(graph.cast(x, to: .float64), graph.cast(y, to: .float64))
      result = graph.apply("Floor", quotient)
    case .modulo:
      if call.outputType.isFloatingPoint {
        let own = both(call.type)
        let (x, y) = (graph.cast(own.0, to: .float64), graph.cast(own.1, to: .float64))
        result = graph.subtract(
          x, graph.multiply(y, graph.apply("Floor", graph.divide(x, y))))
      } else {
        result = plain("Mod", call.outputType)
      }
    case .equal: result = compared("Equal", common)
    case .notEqual: result = graph.apply("Not", compared("Equal", common))
    case .less: result = compared("Less", common)
    case .lessOrEqual: result = compared("LessOrEqual", common)
    case .greater: result = compared("Greater", common)
    case .greaterOrEqual: result = compared("GreaterOrEqual", common)
    case .and: result = compared("And", .bool)
    case .or: result = compared("Or", .bool)
    case .exclusiveOr: result = compared("Xor", .bool)
    }
    return [result]
  }
}
