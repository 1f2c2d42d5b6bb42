import RecurModel
import RecurTensors

extension Dense: DiagnosedLayer {
  /// Mistake: the kernel behind a Flatten takes the channels at the other end.
  func hypotheses(_ node: Model.Node, _ context: DiagnosedContext) -> [Hypothesis] {
    guard case .dense = node.layer,
      let extents = context.model.flattened(before: node, context.shapes),
      extents.count > 1, extents.reduce(1, *) == inputSize
    else { return [] }
    let axes = Array(extents.indices)
    // The order in which the file has the axes: the last one first, or the first one last.
    let orders: Set<[Int]> = [
      [axes.count - 1] + Array(axes.dropLast()), Array(axes.dropFirst()) + [0],
    ]
    return orders.sorted { $0.lexicographicallyPrecedes($1) }.map { order in
      let stored = order.map { extents[$0] }
      return Hypothesis(
        .flattenOrder, node,
        "the kernel of '\(node.layerName)' takes \(shapeText(stored)) flattened, not \(shapeText(extents))",
        expected: shapeText(extents), found: shapeText(stored),
        reason:
          "one framework has channels last and another first, and behind a Flatten no shape says it"
      ) { (layer: Layer) throws(CheckpointError) -> Layer? in
        guard case .dense(var dense) = layer else { return nil }
        let columns = try dense.kernel.reshaped([dense.outputSize] + stored)
        let places = axes.map { axis in 1 + (order.firstIndex(of: axis) ?? 0) }
        dense.kernel = try dense.kernel.replacingNumbers(columns.permuted([0] + places).doubles())
        return .dense(dense)
      }
    }
  }
}

extension Model {
  /// The extents behind the batch that a Flatten in front of `node` puts in one row; nil without.
  fileprivate func flattened(before node: Node, _ shapes: ModelShapes) -> [Int]? {
    var value = node.inputs.first
    while let source = value, let before = self.node(source.node) {
      switch before.layer {
      case .identity, .activation: value = before.inputs.first
      case .reshaping(.flatten):
        guard let shape = before.inputs.first.flatMap({ shapes[$0] }) else { return nil }
        let extents = shape.dropFirst().compactMap(\.value)
        return extents.count == shape.count - 1 ? extents : nil
      default: return nil
      }
    }
    return nil
  }
}
