import RecurModel
import RecurTensors

extension LayerNormalization: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let x = call.floating(&graph)
    if graph.operatorSet >= 17 {
      let scale =
        gamma.map { graph.weight($0, "gamma", as: call.type) }
        ?? graph.numbers([Double](repeating: 1, count: width), call.type, shape: [width], "gamma")
      let inputs = [x, scale] + (beta.map { [graph.weight($0, "beta", as: call.type)] } ?? [])
      return graph.apply(
        "LayerNormalization", inputs, [.integer("axis", -1), .float("epsilon", epsilon)],
        types: [call.type], isMain: true)
    }
    var y = graph.standardized(x, axes: [call.rank - 1], epsilon: epsilon)
    if let gamma { y = graph.multiply(y, graph.weight(gamma, "gamma", as: call.type)) }
    if let beta { y = graph.add(y, graph.weight(beta, "beta", as: call.type)) }
    return [y]
  }
}
