import RecurModel
import RecurTensors

extension Dense: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    let weights = graph.weight(kernel.transposed(), "kernel", as: call.type)
    var y = graph.product(x, weights, isMain: true)
    if let bias { y = graph.add(y, graph.weight(bias, "bias", as: call.type)) }
    return [try graph.activated(y, activation, call)]
  }
}
