import RecurTensors

/// Selections of what was put together before, of timesteps counted from the front, and of values
/// whose axes were brought into another order.
enum SelectedParts {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    switch node.layer {
    case .selection(let selection):
      guard node.mask == nil, let input = node.inputs.first, let before = graph.producer(input),
        let shape = graph.shapes[input]
      else { return graph.keep(node) }
      select(selection, node, input, before, shape, &graph)
    case .reduction(let reduction): reduce(reduction, node, &graph)
    case .slicing(let slicing): single(slicing, node, &graph)
    default: graph.keep(node)
    }
  }

  private static func select(
    _ selection: Selection, _ node: Model.Node, _ input: Model.Value, _ before: Model.Node,
    _ shape: [Dimension], _ graph: inout RewrittenGraph
  ) {
    switch before.layer {
    case .merge(.stack(let axis)) where axis == selection.axis:
      // The part that was stacked at this place.
      let index = selection.index < 0 ? selection.index + before.inputs.count : selection.index
      guard before.inputs.indices.contains(index) else { return graph.keep(node) }
      return graph.replace(Model.Value(node.name), with: before.inputs[index])
    case .reshaping(.insertAxis(let axis)) where axis == selection.axis:
      return graph.replace(Model.Value(node.name), with: before.inputs[0])
    case .slicing(let slicing):
      // x[-1:][0] is x[-1], and x[:1][0] is x[0].
      guard slicing.parts.count == 1, let part = slicing.parts.first,
        part.axis == selection.axis, part.isFirstOrLast
      else { break }
      let index = part.start == -1 ? -1 : 0
      return graph.write(
        [.selection(Selection(axis: part.axis, index: index))], before.inputs, for: node)
    default: break
    }
    let chain = graph.permutations(before: input)
    if let order = chain.order {
      let rest = order.indices.filter { $0 != selection.axis }.map { order[$0] }
      let kept = rest.map { axis in rest.count { $0 < axis } }
      let source = Selection(axis: order[selection.axis], index: selection.index)
      return graph.write(
        [.selection(source)] + Reshaping.permutations(kept).map { .reshaping($0) },
        [chain.source], for: node)
    }
    // The last timestep of a sequence of known length.
    if selection.axis == 1, let extent = shape[1].value, extent > 1, selection.index == extent - 1,
      !before.layer.recurrents.isEmpty, input.output == 0
    {
      return graph.write(
        [.selection(Selection(axis: 1, index: -1))], [input], for: node)
    }
    graph.keep(node)
  }

  /// A part of one position is that position with an axis of extent 1.
  private static func single(
    _ slicing: Slicing, _ node: Model.Node, _ graph: inout RewrittenGraph
  ) {
    guard slicing.parts.count == 1, let part = slicing.parts.first, part.axis > 0,
      let shape = graph.shapes[node.inputs[0]], part.axis < shape.count - 1,
      let extent = shape[part.axis].value, part.step == 1, part.positions(in: extent).count == 1
    else { return graph.keep(node) }
    graph.write(
      [
        .selection(Selection(axis: part.axis, index: part.positions(in: extent).first)),
        .reshaping(.insertAxis(part.axis)),
      ], node.inputs, for: node)
  }

  private static func reduce(
    _ reduction: Reduction, _ node: Model.Node, _ graph: inout RewrittenGraph
  ) {
    if let merge = merged(reduction, node.inputs[0], graph) {
      return graph.write(merge.layers, merge.parts, for: node)
    }
    let chain = graph.permutations(before: node.inputs[0])
    guard let order = chain.order, let axes = positions(of: reduction.axes, rank: order.count)
    else { return graph.keep(node) }
    let source = Layer.reduction(
      Reduction(
        reduction.function, axes: axes.map { order[$0] }.sorted(), keepsAxes: reduction.keepsAxes))
    let rest =
      reduction.keepsAxes
      ? order : order.indices.filter { !axes.contains($0) }.map { order[$0] }
    let kept = rest.map { axis in rest.count { $0 < axis } }
    graph.write(
      [source] + Reshaping.permutations(kept).map { .reshaping($0) }, [chain.source], for: node)
  }

  /// One number for the values of a stack, such as the sum of the final states of both directions: a
  /// merge of the values; nil for other reductions.
  private static func merged(
    _ reduction: Reduction, _ stack: Model.Value, _ graph: RewrittenGraph
  ) -> (layers: [Layer], parts: [Model.Value])? {
    guard let before = graph.producer(stack), case .merge(.stack(let axis)) = before.layer,
      let rank = graph.shapes[stack]?.count, !reduction.keepsAxes,
      positions(of: reduction.axes, rank: rank) == positions(of: [axis], rank: rank)
    else { return nil }
    let merge: Merge
    switch reduction.function {
    case .sum: merge = .add
    case .mean: merge = .average
    case .maximum: merge = .maximum
    case .minimum: merge = .minimum
    case .product: merge = .multiply
    default: return nil
    }
    return (before.inputs.count == 1 ? [] : [.merge(merge)], before.inputs)
  }
}
