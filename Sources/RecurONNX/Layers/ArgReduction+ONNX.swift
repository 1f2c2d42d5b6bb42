import RecurModel
import RecurTensors

extension ArgReduction: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.x.type == .bool ? graph.cast(call.x, to: .int32) : call.x
    return [
      graph.apply(
        isMaximum ? "ArgMax" : "ArgMin", x,
        attributes: [
          .integer("axis", call.axis(axis)), .integer("keepdims", keepsAxis ? 1 : 0),
        ], type: .int64)
    ]
  }
}
