import RecurModel
import RecurTensors

extension GroupNormalization: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    // All positions as one axis, and the channels of a group as the last one.
    let grouped = graph.reshaped(x, [0, -1, groups, width / groups])
    let y = graph.standardized(grouped, axes: [1, 3], epsilon: epsilon)
    var result = graph.reshaped(y, to: graph.shape(of: x))
    if let gamma { result = graph.multiply(result, graph.weight(gamma, "gamma", as: call.type)) }
    if let beta { result = graph.add(result, graph.weight(beta, "beta", as: call.type)) }
    return [result]
  }
}
