import RecurModel
import RecurTensors

extension Interpolation: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = graph.channelsFirst(call.floating(&graph), call.rank)
    return [graph.channelsLast(graph.resized(x, factors, mode: "linear"), call.rank)]
  }
}
