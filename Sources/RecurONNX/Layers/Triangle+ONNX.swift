import RecurModel
import RecurTensors

extension Triangle: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    guard graph.operatorSet >= 14 else {
      throw call.unrepresentable("cuts matrices, for which ONNX has an operator since version 14")
    }
    let shift = graph.numbers([Double(diagonal)], .int64, shape: [])
    return [
      graph.apply("Trilu", call.x, shift, attributes: [.integer("upper", isLower ? 0 : 1)])
    ]
  }
}
