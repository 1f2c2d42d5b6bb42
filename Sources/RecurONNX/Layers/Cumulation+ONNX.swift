import RecurModel
import RecurTensors

extension Cumulation: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    guard function == .sum else {
      throw call.unrepresentable("multiplies along an axis, for which ONNX has no operator")
    }
    let axis = graph.numbers([Double(call.axis(axis))], .int64, shape: [])
    return [
      graph.apply(
        "CumSum", graph.cast(call.x, to: call.outputType), axis,
        attributes: [
          .integer("exclusive", isExclusive ? 1 : 0), .integer("reverse", isReversed ? 1 : 0),
        ])
    ]
  }
}
