import RecurTensors

/// Layers that treat every position alike need no joined axes around them: `[batch, timesteps, …]`
/// becomes `[batch·timesteps, …]` and comes back.
enum FlattenedPositions {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard node.layer.isReshape, let input = node.inputs.first,
      let result = graph.shapes[input].flatMap({ _ in graph.outputShape(node) })
    else { return graph.keep(node) }
    var (layers, value): ([Model.Node], Model.Value) = ([], input)
    while layers.count < 16, let before = graph.producer(value), before.isPositionwise,
      graph.isUsedOnce(value)
    {
      layers.insert(before, at: 0)
      value = before.inputs[0]
    }
    guard !layers.isEmpty, let first = graph.producer(value), first.layer.isReshape,
      graph.isUsedOnce(value), let source = graph.shapes[first.inputs[0]],
      let joined = graph.shapes[value], let last = graph.shapes[input],
      // Only axes in front of the last one were joined, and they come back as they were.
      joined.count >= 2, source.count > joined.count, joined.last == source.last,
      result.dropLast() == source.dropLast(), result.last == last.last
    else { return graph.keep(node) }
    var own = first.inputs[0]
    for (index, layer) in layers.enumerated() {
      var copy = layer
      copy.inputs = [own]
      copy.name = index == layers.count - 1 ? node.name : graph.unique("\(layer.name).whole")
      own = Model.Value(copy.name)
      graph.change(copy)
    }
  }
}

extension Layer {
  /// Whether the layer gives the elements another shape in the same order.
  fileprivate var isReshape: Bool {
    switch self {
    case .reshaping(.reshape), .reshaping(.reshapeAll), .reshaping(.flatten): true
    default: false
    }
  }
}

extension Model.Node {
  /// Whether the layer computes every vector along the last axis by itself.
  fileprivate var isPositionwise: Bool {
    mask == nil && inputs.count == 1 && layer.treatsRowsAlike
  }
}
