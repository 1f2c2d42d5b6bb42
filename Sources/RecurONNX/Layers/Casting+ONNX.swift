import RecurModel
import RecurTensors

extension Casting: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] { [graph.cast(call.x, to: call.outputType)] }
}
