import RecurModel
import RecurTensors

extension SeparableConvolution: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = graph.channelsFirst(call.floating(&graph), call.rank)
    let each = try depthwise.convolved(x, role: "depthwise.", call, &graph)
    let mixed = try pointwise.convolved(each, role: "pointwise.", call, &graph)
    return [try graph.activatedChannels(mixed, pointwise.activation, call)]
  }
}
