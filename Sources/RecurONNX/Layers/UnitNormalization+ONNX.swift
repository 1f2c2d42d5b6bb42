import RecurModel
import RecurTensors

extension UnitNormalization: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    guard let axes = axes(ofRank: call.rank) else {
      throw call.unrepresentable("takes a norm over axes that are not there")
    }
    let x = call.floating(&graph)
    let norm = graph.reduced("ReduceL2", x, axes: axes, keepsAxes: true)
    return [graph.divide(x, graph.apply("Max", norm, graph.number(epsilon, call.type)))]
  }
}
