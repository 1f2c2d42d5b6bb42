import RecurModel
import RecurTensors

extension Standardization: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    let mean = graph.weight(mean, "mean", as: call.type)
    let root = graph.apply("Sqrt", graph.weight(variance, "variance", as: call.type))
    let deviation = graph.apply("Max", root, graph.number(Self.epsilon, call.type))
    return [
      isInverse
        ? graph.add(graph.multiply(x, deviation), mean)
        : graph.divide(graph.subtract(x, mean), deviation)
    ]
  }
}
