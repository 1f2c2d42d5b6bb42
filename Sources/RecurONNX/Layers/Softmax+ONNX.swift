import RecurModel
import RecurTensors

extension Softmax: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let (x, axes) = (call.floating(&graph), axes.map { call.axis($0) })
    if axes.count == 1 {
      return [
        graph.apply(
          isLogarithm ? "LogSoftmax" : "Softmax", x, attributes: [.integer("axis", axes[0])],
          isMain: true)
      ]
    }
    let shifted = graph.subtract(
      x, graph.reduced("ReduceMax", x, axes: axes, keepsAxes: true))
    let powers = graph.apply("Exp", shifted)
    let sums = graph.reduced("ReduceSum", powers, axes: axes, keepsAxes: true)
    return [
      isLogarithm
        ? graph.subtract(shifted, graph.apply("Log", sums)) : graph.divide(powers, sums)
    ]
  }
}
