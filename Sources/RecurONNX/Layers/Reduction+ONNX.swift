import RecurModel
import RecurTensors

extension Reduction: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let axes = axes.map { call.axis($0) }
    func reduced(_ operation: String, _ type: ElementType) -> ONNXValue {
      graph.reduced(operation, graph.cast(call.x, to: type), axes: axes, keepsAxes: keepsAxes)
    }
    /// A type in which elements can be compared.
    let ordered = call.x.type == .bool ? .int32 : call.x.type
    switch function {
    case .mean: return [reduced("ReduceMean", call.type)]
    case .sum: return [reduced("ReduceSum", call.outputType)]
    case .maximum: return [reduced("ReduceMax", ordered)]
    case .minimum: return [reduced("ReduceMin", ordered)]
    case .product: return [reduced("ReduceProd", call.outputType)]
    case .l1Norm: return [reduced("ReduceL1", call.outputType)]
    case .l2Norm: return [reduced("ReduceL2", call.type)]
    case .logSumExp: return [reduced("ReduceLogSumExp", call.type)]
    case .any, .all:
      let truth = graph.cast(graph.cast(call.x, to: .bool), to: .float32)
      return [
        graph.reduced(
          function == .any ? "ReduceMax" : "ReduceMin", truth, axes: axes, keepsAxes: keepsAxes)
      ]
    case .variance, .standardDeviation:
      let x = call.floating(&graph)
      let mean = graph.reduced("ReduceMean", x, axes: axes, keepsAxes: true)
      let distance = graph.subtract(x, mean)
      let variance = graph.reduced(
        "ReduceMean", graph.multiply(distance, distance), axes: axes, keepsAxes: keepsAxes)
      return [function == .variance ? variance : graph.apply("Sqrt", variance)]
    }
  }
}
