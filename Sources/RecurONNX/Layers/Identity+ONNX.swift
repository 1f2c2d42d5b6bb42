import RecurModel
import RecurTensors

extension Identity: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] { [call.x] }
}
