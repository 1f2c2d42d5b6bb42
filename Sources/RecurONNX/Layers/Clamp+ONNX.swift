import RecurModel
import RecurTensors

extension Clamp: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    guard minimum != nil || maximum != nil else { return [call.x] }
    return [graph.clip(call.x, minimum, maximum)]
  }
}
