import RecurModel
import RecurTensors

extension TransposedConvolution: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    try call.checkWindows()
    let x = graph.channelsFirst(call.floating(&graph), call.rank)
    let (before, after) = (cuts.map(\.before), cuts.map(\.after))
    guard before.allSatisfy({ $0 >= 0 }) else {
      throw call.unrepresentable("adds positions in front of the first one")
    }
    // Positions that no window reaches; ONNX Runtime adds less than a stride of them.
    let added = zip(after, strides).map { min(max(-$0, 0), $1 - 1) }
    let rest = zip(after, added).map { max(-$0 - $1, 0) }
    let isLong = rest.contains { $0 > 0 }
    var inputs = [x, graph.weight(kernel, "kernel", as: call.type)]
    if let bias, !isLong { inputs.append(graph.weight(bias, "bias", as: call.type)) }
    var y = graph.apply(
      "ConvTranspose", inputs,
      [
        .integers("kernel_shape", kernelSizes), .integer("group", groups),
        .integers("strides", strides), .integers("dilations", dilations),
        .integers("pads", before + after.map { max($0, 0) }), .integers("output_padding", added),
      ], types: [call.type], isMain: true)[0]
    if isLong {
      y = graph.padded(y, rank: call.rank, rest.enumerated().map { ($0 + 2, 0, $1) })
      if let bias {
        let column = [bias.count] + strides.map { _ in 1 }
        y = graph.add(y, graph.weight(bias, "bias", shape: column, as: call.type))
      }
    }
    return [try graph.activatedChannels(y, activation, call)]
  }
}
