import RecurModel
import RecurTensors

extension OneHot: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let rank = call.rank + 1
    let axis = call.axis(axis, rank: rank)
    let positions = graph.positions(count, axis: axis, rank: rank)
    let x = graph.insertingAxes(graph.cast(call.x, to: .float64), [axis])
    return [graph.cast(graph.compare("Equal", x, positions), to: call.type)]
  }
}
