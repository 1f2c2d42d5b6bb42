import RecurModel
import RecurTensors

extension Einsum: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    var operands = call.inputs.map { graph.cast($0, to: call.type) }
    if let kernel { operands.append(graph.weight(kernel, "kernel", as: call.type)) }
    var y = graph.apply(
      "Einsum", operands, [.text("equation", equation)], types: [call.type], isMain: true)[0]
    if let bias { y = graph.add(y, graph.weight(bias, "bias", as: call.type)) }
    return [try graph.activated(y, activation, call)]
  }
}
