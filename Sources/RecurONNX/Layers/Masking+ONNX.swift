import RecurModel
import RecurTensors

extension Masking: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    let differs = graph.differing(call.given[0], from: value, roundedTo: call.node.precision)
    let mask = graph.any(differs, axes: [call.rank - 1], keepsAxes: true)
    return [
      graph.multiply(x, graph.cast(mask, to: call.type)),
      graph.removingAxes(mask, [call.rank - 1]),
    ]
  }
}
