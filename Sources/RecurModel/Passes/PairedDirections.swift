import RecurTensors

/// A recurrent layer over a sequence that is turned around is one that begins with the last timestep, and
/// two layers in both directions side by side are one.
enum PairedDirections {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    switch node.layer {
    case .recurrent(var layer):
      guard layer.direction == .forward, node.mask == nil,
        let source = graph.turned(node.inputs[0])
      else { return graph.keep(node) }
      layer.direction = .backward
      var own = node
      own.layer = .recurrent(layer)
      own.inputs = [source]
      graph.change(own)
    case .merge(.concatenate(let axis)): pair(node, axis, &graph)
    case .lengthMask:
      // The same mask again.
      let same = graph.nodes.first { own in
        if case .lengthMask = own.layer { own.inputs == node.inputs } else { false }
      }
      guard let same else { return graph.keep(node) }
      graph.replace(Model.Value(node.name), with: Model.Value(same.name))
    case .slicing:
      // Turned around twice.
      guard let before = graph.turned(Model.Value(node.name), of: node),
        let source = graph.turned(before)
      else { return graph.keep(node) }
      graph.replace(Model.Value(node.name), with: source)
    default: graph.keep(node)
    }
  }

  private static func pair(_ node: Model.Node, _ axis: Int, _ graph: inout RewrittenGraph) {
    guard node.inputs.count == 2, axis == 2 || axis == -1,
      let turned = graph.turned(node.inputs[1]), graph.isUsedOnce(node.inputs[1]),
      let one = graph.producer(node.inputs[0]), let other = graph.producer(turned),
      case .recurrent(var forward) = one.layer, case .recurrent(var backward) = other.layer,
      node.inputs[0].output == 0, turned.output == 0, graph.isUsedOnce(node.inputs[0]),
      graph.isUsedOnce(turned), forward.direction == .forward, backward.direction == .backward,
      forward.returnsSequence, backward.returnsSequence, !forward.isStateful, !backward.isStateful,
      one.inputs == other.inputs, one.mask == other.mask,
      forward.maskedOutput == backward.maskedOutput, one.precision == other.precision,
      forward.cell.title == backward.cell.title,
      one.initialState.isEmpty == other.initialState.isEmpty,
      [one, other].allSatisfy({ layer in
        (1...max(layer.layer.outputCount, 1)).allSatisfy {
          !graph.isUsed(Model.Value(layer.name, $0))
        }
      })
    else { return graph.keep(node) }
    (forward.returnsState, backward.returnsState) = (false, false)
    var own = one
    own.name = node.name
    own.layer = .bidirectional(
      Bidirectional(forward: forward, backward: backward, mergeMode: .concatenate))
    own.initialState = one.initialState + other.initialState
    graph.change(own)
  }
}

extension RewrittenGraph {
  /// The sequence whose timesteps, the other way around, a value has; nil for other values.
  fileprivate func turned(_ value: Model.Value) -> Model.Value? {
    producer(value).flatMap { turned(value, of: $0) }
  }

  fileprivate func turned(_ value: Model.Value, of node: Model.Node) -> Model.Value? {
    guard case .slicing(let slicing) = node.layer, node.mask == nil,
      slicing.parts == [Slicing.Part(axis: 1, step: -1)]
    else { return nil }
    return node.inputs[0]
  }
}
