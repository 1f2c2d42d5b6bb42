import RecurModel
import RecurTensors

extension OpaqueLayer: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    throw call.unrepresentable(
      "is a layer of a class that is not known: ONNX has no operator for it")
  }
}
