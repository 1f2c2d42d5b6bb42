import RecurModel
import RecurTensors

extension MultiHeadAttention: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let own = call.inputs.map { graph.cast($0, to: call.type) }
    var rest = call.inputs.dropFirst(hasKey ? 3 : 2)
    let queryMask = masks.query ? rest.popFirst() : nil
    let repeats = heads / max(keyHeads, 1)
    func mixed(_ equation: String, _ x: ONNXValue, _ y: ONNXValue) -> ONNXValue {
      graph.apply("Einsum", x, y, attributes: [.text("equation", equation)])
    }
    // [batch, timesteps, heads, width]
    func intoHeads(_ projection: Projection, _ x: ONNXValue, _ role: String) -> ONNXValue {
      let (shape, width) = (projection.kernel.shape, projection.kernel.shape.dropFirst())
      let joined = width.reduce(1, *)
      let kernel = graph.weight(
        projection.kernel, "\(role).kernel", shape: [shape[0], joined], as: call.type)
      var y = graph.product(x, kernel)
      if let bias = projection.bias {
        y = graph.add(
          y, graph.weight(bias, "\(role).bias", shape: [joined], as: call.type))
      }
      return graph.reshaped(y, [0, 0] + width)
    }
    let q = graph.reshaped(
      intoHeads(query, own[0], "query"), [0, 0, keyHeads, repeats, headWidth])
    let k = intoHeads(key, own[hasKey ? 2 : 1], "key")
    let v = intoHeads(value, own[1], "value")
    var scores = graph.divide(mixed("bqgrs,bkgs->bgrqk", q, k), Double(headWidth).squareRoot())
    var seen: ONNXValue?
    func also(_ condition: ONNXValue) {
      seen = seen.map { graph.compare("And", $0, condition) } ?? condition
    }
    if let queryMask {
      also(graph.insertingAxes(graph.cast(queryMask, to: .bool), [1, 2, 4]))
    }
    for mask in rest { also(graph.insertingAxes(graph.cast(mask, to: .bool), [1, 2, 3])) }
    if isCausal { also(graph.past(scores)) }
    if let seen {
      let lowest: Double =
        call.type == .float16
        ? -65504 : call.type == .float64 ? -.greatestFiniteMagnitude : -0x1.FFFFFEp127
      scores = graph.choose(seen, scores, graph.number(lowest, call.type))
    }
    let shares = graph.apply("Softmax", scores, attributes: [.integer("axis", -1)])
    let width = value.kernel.shape[2]
    let y = graph.reshaped(mixed("bgrqk,bkgv->bqgrv", shares, v), [0, 0, heads * width])
    let kernel = graph.weight(
      output.kernel, "output.kernel", shape: [heads * width, output.kernel.shape[2]],
      as: call.type)
    let result = graph.product(y, kernel, isMain: true)
    return [
      output.bias.map { graph.add(result, graph.weight($0, "output.bias", as: call.type)) }
        ?? result
    ]
  }
}
