import RecurTensors

/// Orders of axes move behind layers that compute every element, or every position, by itself, so that
/// they meet and cancel each other.
enum MovedPermutations {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard node.mask == nil, node.initialState.isEmpty, node.layer.outputCount == 1,
      !node.inputs.isEmpty
    else { return graph.keep(node) }
    let chains = node.inputs.map { graph.permutations(before: $0) }
    guard let order = chains[0].order, chains.allSatisfy({ $0.order == order }),
      Set(node.inputs).allSatisfy({ value in
        // A value that the same node reads twice is used twice.
        graph.isUsedOnce(value) || node.inputs.count(where: { $0 == value }) > 1
      }), let layer = node.layer.behind(order: order)
    else { return graph.keep(node) }
    let steps = Reshaping.permutations(order).map { Layer.reshaping($0) }
    var inner = node
    inner.layer = layer
    inner.inputs = chains.map(\.source)
    graph.change(inner, followedBy: steps)
  }
}

extension Layer {
  /// The layer for an input whose axes have not been brought into `order` yet; nil for a layer that
  /// needs its axes where they are.
  fileprivate func behind(order: [Int]) -> Layer? {
    if traits.isElementwise { return self }
    if case .binary(let layer) = self {
      guard let left = layer.left.behind(order), let right = layer.right.behind(order) else {
        return nil
      }
      return .binary(Binary(layer.function, left, right))
    }
    let isExchange = order == [1, 0] + Array(2..<order.count) && order.count > 2
    return isExchange && treatsPositionsAlike ? self : nil
  }
}

extension Operand {
  /// The operand for values whose axes have not been brought into `order` yet.
  fileprivate func behind(_ order: [Int]) -> Operand? {
    guard let constant, constant.elements.count > 1 else { return self }
    guard constant.shape.count <= order.count else { return nil }
    let shape = [Int](repeating: 1, count: order.count - constant.shape.count) + constant.shape
    // Axis order[i] of the values before is axis i of this constant.
    var (extents, strides) = (order, order)
    var step = 1
    for axis in order.indices.reversed() {
      extents[order[axis]] = shape[axis]
      strides[order[axis]] = step
      step *= shape[axis]
    }
    var elements: [Double] = []
    var index = [Int](repeating: 0, count: extents.count)
    for _ in constant.elements.indices {
      elements.append(constant.elements[zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }])
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < extents[axis] { break }
        index[axis] = 0
      }
    }
    return .constant(.init(shape: extents, elements: elements, isWhole: constant.isWhole))
  }
}
