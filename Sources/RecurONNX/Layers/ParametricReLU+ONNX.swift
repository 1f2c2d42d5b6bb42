import RecurModel
import RecurTensors

extension ParametricReLU: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let slope = graph.weight(alpha, "alpha", as: call.type)
    return [graph.apply("PRelu", call.floating(&graph), slope, isMain: true)]
  }
}
