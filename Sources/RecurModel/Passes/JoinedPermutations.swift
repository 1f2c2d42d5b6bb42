import RecurTensors

/// Orders of axes one after the other become one, or none.
enum JoinedPermutations {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard let rank = graph.shapes[node.inputs.first ?? .init("")]?.count,
      let own = node.layer.axisOrder(rank: rank)
    else { return graph.keep(node) }
    let chain = graph.permutations(before: node.inputs[0])
    let order = own.map { chain.order?[$0] ?? $0 }
    let steps = Reshaping.permutations(order)
    guard steps.count < chain.count + 1 else { return graph.keep(node) }
    graph.write(steps.map { .reshaping($0) }, [chain.source], for: node)
  }
}

extension Layer {
  /// The order of axes that the layer makes: axis i of the output is axis `order[i]` of the input; nil
  /// for other layers.
  func axisOrder(rank: Int) -> [Int]? {
    guard case .reshaping(let reshaping) = self, rank > 1 else { return nil }
    switch reshaping {
    case .permute(let axes): return axes.count == rank - 1 ? [0] + axes : nil
    case .exchangeBatchAndTime: return [1, 0] + Array(2..<rank)
    default: return nil
    }
  }
}

extension RewrittenGraph {
  /// The orders of axes that end in a value: how many there are, what is before them, and their
  /// product.
  func permutations(
    before value: Model.Value
  ) -> (source: Model.Value, order: [Int]?, count: Int) {
    var (source, order, count): (Model.Value, [Int]?, Int) = (value, nil, 0)
    // The limit keeps very long chains from being read again and again.
    while count < 64, let node = producer(source), let input = node.inputs.first,
      let rank = shapes[input]?.count, let own = node.layer.axisOrder(rank: rank)
    {
      order = order.map { later in later.map { own[$0] } } ?? own
      source = input
      count += 1
    }
    return (source, order, count)
  }
}
