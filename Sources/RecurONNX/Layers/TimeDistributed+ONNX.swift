import RecurModel
import RecurTensors

extension TimeDistributed: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    var own = call
    own.mask = nil
    own.lengths = nil
    // What treats every position alike needs no other shape.
    if case .kept = inner.traits.leadingAxes, !inner.traits.readsTokens {
      return try inner.onnx.results(own, &graph)
    }
    guard inner.traits.leadingAxes != .batchIsSecond else {
      throw call.unrepresentable("moves the axis of the batch")
    }
    let shape = call.shapes[0]
    let rest = Array(2..<shape.count)
    if shape.dropFirst(2).allSatisfy({ $0.value != nil }) {
      own.inputs = [graph.reshaped(call.x, [-1] + shape.dropFirst(2).compactMap(\.value))]
    } else {
      let target = graph.concatenated(
        [graph.integers([-1]), graph.extents(of: call.x, rest)], axis: 0)
      own.inputs = [graph.reshaped(call.x, to: target)]
    }
    own.shapes = [[shape[0].times(shape[1])] + shape.dropFirst(2)]
    let leading = graph.extents(of: call.x, [0, 1])
    var outputs: [ONNXValue] = []
    let ranks = ranks(own)
    for (index, output) in try inner.onnx.results(own, &graph).enumerated() {
      let axes = Array(1..<max(ranks.indices.contains(index) ? ranks[index] : 1, 1))
      let target =
        axes.isEmpty
        ? leading : graph.concatenated([leading, graph.extents(of: output, axes)], axis: 0)
      outputs.append(graph.reshaped(output, to: target))
    }
    return outputs
  }

  /// The numbers of axes of what the inner layer puts out.
  private func ranks(_ own: ONNXLayerCall) -> [Int] {
    (try? inner.outputShapes(own.shapes, named: own.node.layerName))?.map(\.count) ?? []
  }
}
