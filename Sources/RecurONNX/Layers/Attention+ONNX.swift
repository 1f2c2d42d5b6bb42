import RecurModel
import RecurTensors

extension Attention: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    var extra = call.inputs.dropFirst(2)
    let query = graph.cast(call.inputs[0], to: call.type)
    let value = graph.cast(call.inputs[1], to: call.type)
    let key = hasKey ? graph.cast(extra.removeFirst(), to: call.type) : value
    let queryMask = hasQueryMask ? extra.removeFirst() : nil
    let valueMask = hasValueMask ? extra.removeFirst() : nil
    var scores = scores(query, key, call, &graph)
    var seen = valueMask.map { graph.insertingAxes(graph.cast($0, to: .bool), [1]) }
    if isCausal {
      let lower = graph.past(scores)
      seen = seen.map { graph.compare("And", $0, lower) } ?? lower
    }
    if let seen {
      let low: Double = call.node.precision == .float16 ? 65504 : 1e9
      scores = graph.choose(seen, scores, graph.subtract(scores, low))
    }
    let shares = graph.apply("Softmax", scores, attributes: [.integer("axis", -1)])
    let y = graph.product(shares, value)
    guard let queryMask else { return [y] }
    let asked = graph.insertingAxes(graph.cast(queryMask, to: .bool), [2])
    return [graph.choose(asked, y, graph.number(0, call.type))]
  }

  /// The scores, `[batch, queries, timesteps]`.
  private func scores(
    _ query: ONNXValue, _ key: ONNXValue, _ call: ONNXLayerCall,
    _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    func weight(_ tensor: Tensor, _ role: String) -> ONNXValue {
      graph.weight(tensor, role, as: call.type)
    }
    func pairs() -> ONNXValue {
      graph.add(graph.insertingAxes(query, [2]), graph.insertingAxes(key, [1]))
    }
    func sum(_ x: ONNXValue) -> ONNXValue {
      graph.reduced("ReduceSum", x, axes: [3], keepsAxes: false)
    }
    switch score {
    case .product(let scale):
      let product = graph.product(query, graph.permuted(key, [0, 2, 1]))
      return scale.map { graph.multiply(product, weight($0, "scale")) } ?? product
    case .additive(let scale):
      let shown = graph.apply("Tanh", pairs())
      return sum(scale.map { graph.multiply(shown, weight($0, "scale")) } ?? shown)
    case .concatenation(let scale, let outer):
      let own = scale.map { graph.multiply(pairs(), weight($0, "scale")) } ?? pairs()
      return graph.multiply(sum(graph.apply("Tanh", own)), weight(outer, "score_weight"))
    }
  }
}
