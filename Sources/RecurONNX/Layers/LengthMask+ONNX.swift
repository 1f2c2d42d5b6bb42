import RecurModel
import RecurTensors

extension LengthMask: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let lengths = graph.insertingAxes(graph.cast(call.inputs[1], to: .int64), [1])
    let count = graph.removingAxes(graph.extents(of: call.x, [1]), [0])
    let range = graph.apply(
      "Range", graph.number(0, .int64), count, graph.number(1, .int64), type: .int64)
    return [graph.compare("Less", graph.insertingAxes(range, [0]), lengths)]
  }
}
