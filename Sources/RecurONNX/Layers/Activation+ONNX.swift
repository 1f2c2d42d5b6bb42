import RecurModel
import RecurTensors

extension Activation: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    [try graph.activated(call.floating(&graph), self, call)]
  }
}
