import RecurModel
import RecurTensors

extension Slicing: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] { [graph.sliced(call.x, parts)] }
}
