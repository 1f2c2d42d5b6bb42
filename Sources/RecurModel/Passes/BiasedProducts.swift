import RecurTensors

/// A product with weights and a sum with more weights become one dense layer.
enum BiasedProducts {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard case .binary(let sum) = node.layer, sum.function == .add,
      let constant = sum.left.constant ?? sum.right.constant, let input = node.inputs.first,
      graph.isUsedOnce(input), let before = graph.producer(input),
      case .dense(var dense) = before.layer, dense.bias == nil, dense.activation == .linear,
      constant.shape.last == dense.outputSize,
      constant.elements.count == dense.outputSize, !constant.isWhole,
      let rank = graph.shapes[input]?.count, constant.shape.count <= rank,
      let bias = try? Tensor.numbers(
        constant.elements, dense.kernel.elementType, shape: [dense.outputSize])
    else { return graph.keep(node) }
    dense.bias = bias
    var own = before
    own.name = node.name
    own.layer = .dense(dense)
    graph.change(own)
  }
}
