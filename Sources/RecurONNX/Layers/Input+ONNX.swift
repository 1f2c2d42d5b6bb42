import RecurModel
import RecurTensors

extension Input: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    // The writer of graphs makes inputs.
    throw call.unrepresentable("is an input inside a layer")
  }
}
