import RecurModel
import RecurTensors

extension Convolution: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = graph.channelsFirst(call.floating(&graph), call.rank)
    let y = try convolved(x, role: "", call, &graph)
    return [try graph.activatedChannels(y, activation, call)]
  }

  /// The sums and the bias, on a value that has its channels behind the batch.
  func convolved(
    _ x: ONNXValue, role: String, _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXValue {
    try call.checkWindows()
    var inputs = [x, graph.weight(kernel, role + "kernel", as: call.type)]
    if let bias { inputs.append(graph.weight(bias, role + "bias", as: call.type)) }
    let extents = Array(call.shapes[0].dropFirst().prefix(strides.count))
    let attributes = try graph.window(windows, over: extents, call)
    return graph.apply(
      "Conv", inputs,
      [.integers("kernel_shape", kernelSizes), .integer("group", groups)] + attributes,
      types: [call.type], isMain: true)[0]
  }
}
