import RecurModel
import RecurTensors

extension AnyTrue: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = graph.cast(call.x, to: .bool)
    return [graph.any(x, axes: [call.axis(axis)], keepsAxes: keepsAxis)]
  }
}
