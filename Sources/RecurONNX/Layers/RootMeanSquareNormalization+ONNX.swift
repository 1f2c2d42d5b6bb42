import RecurModel
import RecurTensors

extension RootMeanSquareNormalization: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    let mean = graph.reduced(
      "ReduceMean", graph.multiply(x, x), axes: [call.rank - 1], keepsAxes: true)
    let y = graph.divide(x, graph.apply("Sqrt", graph.add(mean, epsilon)))
    return [gamma.map { graph.multiply(y, graph.weight($0, "gamma", as: call.type)) } ?? y]
  }
}
