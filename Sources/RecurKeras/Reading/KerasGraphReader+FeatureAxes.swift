import RecurModel
import RecurTensors

// Layers compute with channels last; where a file has them elsewhere, axes move around the layer.
extension KerasGraphReader {
  /// `value` with the axis `axis` moved behind all others.
  mutating func movingFeaturesLast(
    _ value: Model.Value, from axis: Int, _ name: String, _ precision: ElementType
  ) -> Model.Value {
    guard let rank = shapes[value]?.count, axis < rank - 1 else { return value }
    // What was moved there just before lies there already.
    if let exchanged = exchanges[Name(value.node)], movesFeatures(value.node, to: axis) {
      return exchanged
    }
    let order = (1..<rank).filter { $0 != axis } + [axis]
    return exchange(value, order, name, precision)
  }

  /// `value` with its last axis moved to `axis`.
  mutating func movingFeatures(
    _ value: Model.Value, to axis: Int, _ name: String
  ) -> Model.Value {
    guard let rank = shapes[value]?.count, axis < rank - 1 else { return value }
    var order = Array(1..<rank - 1)
    order.insert(rank - 1, at: axis - 1)
    let precision = nodes.last { $0.name == value.node }?.precision
    return exchange(value, order, name, precision ?? .float32)
  }

  private mutating func exchange(
    _ value: Model.Value, _ order: [Int], _ name: String, _ precision: ElementType
  ) -> Model.Value {
    append(
      Model.Node(
        name: name, layerName: name, layer: .reshaping(.permute(order)), inputs: [value],
        precision: precision, location: nodes.last?.location ?? .init()))
    exchanges[Name(name)] = value
    return Model.Value(name)
  }

  /// Whether a node moves the last axis to `axis`.
  private func movesFeatures(_ node: String, to axis: Int) -> Bool {
    guard let node = nodes.last(where: { $0.name == node }),
      case .reshaping(.permute(let order)) = node.layer
    else { return false }
    return order.firstIndex(of: order.count) == axis - 1
      && order.filter { $0 != order.count } == Array(1..<order.count)
  }

  /// The nodes without exchanges of axes that nothing reads.
  func withoutUnusedExchanges(_ outputs: [Masked]?) -> [Model.Node] {
    guard !exchanges.isEmpty else { return nodes }
    var used = Set((outputs ?? []).map { Name($0.value.node) })
    var kept: [Model.Node] = []
    for node in nodes.reversed() {
      let name = Name(node.name)
      guard exchanges[name] == nil || used.contains(name) else { continue }
      for value in node.operands { used.insert(Name(value.node)) }
      kept.append(node)
    }
    return kept.reversed()
  }
}
