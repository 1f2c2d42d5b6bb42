import RecurTensors

/// Steps of one cell over all timesteps of a sequence become a recurrent layer, and states of zeros are
/// left out.
enum LoopedCells {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    switch node.layer {
    case .recurrent, .bidirectional:
      var own = node
      let isZero = !node.initialState.isEmpty && node.initialState.allSatisfy(graph.isZero)
      if isZero { own.initialState = [] }
      guard let loop = graph.loop(endingWith: own) else {
        return isZero ? graph.change(own) : graph.keep(own)
      }
      graph.write(loop, for: own)
    case .merge(.stack(axis: 1)): stack(node, &graph)
    default: graph.keep(node)
    }
  }

  /// The outputs of all steps, one beside the other, are the sequence of the layer.
  private static func stack(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard let last = node.inputs.last, let layer = graph.producer(last),
      case .recurrent(let recurrent) = layer.layer, recurrent.returnsSequence,
      recurrent.returnsState, last.output == 1,
      recurrent.cell.units == recurrent.cell.stateSizes[0],
      graph.shapes[layer.inputs[0]]?[1] == .fixed(node.inputs.count)
    else { return graph.keep(node) }
    for (time, value) in node.inputs.enumerated().dropLast() {
      guard let step = graph.step(graph.producer(value)), step.index == time,
        step.sequence == layer.inputs[0],
        value.output <= 1,
        let cell = graph.producer(value)?.layer.firstCell, cell.isSame(as: recurrent.cell)
      else { return graph.keep(node) }
      let states = graph.producer(value)?.initialState ?? []
      let before = time == 0 ? layer.initialState : []
      let isFollowing =
        time == 0
        ? states == before
        : states.allSatisfy { $0.node == node.inputs[time - 1].node }
          && states.map(\.output) == Array(1...states.count)
      guard isFollowing else { return graph.keep(node) }
    }
    graph.replace(Model.Value(node.name), with: Model.Value(layer.name))
  }
}

/// A recurrent layer in place of steps of its cell.
private struct CellLoop {
  var sequence: Model.Value
  var initialState: [Model.Value]
  var layer: Recurrent
  /// The nodes of all steps but the last one, in order.
  var steps: [String]
}

extension RewrittenGraph {
  /// Whether a value is zero everywhere.
  func isZero(_ value: Model.Value) -> Bool {
    guard let node = producer(value), case .conditional(let layer) = node.layer else {
      return false
    }
    return [layer.onTrue, layer.onFalse].allSatisfy { operand in
      operand.constant?.elements.allSatisfy { $0 == 0 } ?? false
    }
  }

  /// The timestep that a single step of a cell reads.
  fileprivate func step(_ node: Model.Node?) -> (sequence: Model.Value, index: Int)? {
    guard let node, case .recurrent(let layer) = node.layer, node.mask == nil,
      !layer.returnsSequence, layer.returnsState, layer.direction == .forward, !layer.isStateful,
      let inserted = producer(node.inputs[0]), case .reshaping(.insertAxis(1)) = inserted.layer
    else { return nil }
    if let known = timesteps[inserted.inputs[0]] { return known }
    guard let selected = producer(inserted.inputs[0]),
      case .selection(let selection) = selected.layer,
      let sequence = sequence(of: selected.inputs[0], timestepsAt: selection.axis),
      let extent = shapes[sequence]?[1].value
    else { return nil }
    return (sequence, selection.index < 0 ? selection.index + extent : selection.index)
  }

  /// The value with its timesteps as axis 1; for one sequence with the timesteps first, the value with the
  /// same elements that has them there.
  private func sequence(of value: Model.Value, timestepsAt axis: Int) -> Model.Value? {
    guard axis == 0 else { return axis == 1 ? value : nil }
    let source = beforeUnitAxes(value)
    guard let own = shapes[value], own.count == 3, own[1] == .fixed(1),
      shapes[source] == [own[1], own[0], own[2]]
    else { return nil }
    return source
  }

  /// The steps of all timesteps of a sequence, of which `node` is the last one; `node` is not written
  /// yet.
  fileprivate func loop(endingWith node: Model.Node) -> CellLoop? {
    guard case .recurrent(let layer) = node.layer else { return nil }
    guard let last = step(node), let extent = shapes[last.sequence]?[1].value,
      2...4096 ~= extent, last.index == extent - 1
    else { return nil }
    var (current, steps) = (node, [String]())
    for time in (0..<extent - 1).reversed() {
      guard let before = current.initialState.first,
        current.initialState.allSatisfy({ $0.node == before.node }),
        current.initialState.map(\.output) == Array(1...layer.cell.stateSizes.count),
        let own = producer(before), let step = step(own), step.index == time,
        step.sequence == last.sequence,
        own.layer.firstCell?.isSame(as: layer.cell) ?? false
      else { return nil }
      current = own
      steps.insert(own.name, at: 0)
    }
    var whole = layer
    whole.returnsSequence = true
    return CellLoop(
      sequence: last.sequence, initialState: current.initialState, layer: whole, steps: steps)
  }

  fileprivate mutating func write(_ loop: CellLoop, for node: Model.Node) {
    var own = node
    own.layer = .recurrent(loop.layer)
    own.inputs = [loop.sequence]
    own.initialState = loop.initialState
    change(own)
    // The output of the last step is the last h.
    if loop.layer.cell.units == loop.layer.cell.stateSizes.first {
      replace(Model.Value(node.name), with: Model.Value(node.name, 1))
      // Another layer may read the sequence, timestep by timestep.
      for (time, step) in (loop.steps + [node.name]).enumerated() {
        for output in 0...1 where output == 1 || step != node.name {
          timesteps[Model.Value(step, output)] = (Model.Value(node.name), time)
        }
      }
    }
  }
}

extension RecurrentCell {
  /// Whether both cells have the same weights and options.
  fileprivate func isSame(as other: RecurrentCell) -> Bool {
    guard title == other.title, definition.functionsAreEqual(to: other.definition),
      hasOptions(of: other)
    else { return false }
    let (own, others) = (tensors.map(\.tensor), other.tensors.map(\.tensor))
    return own.count == others.count && zip(own, others).allSatisfy { $0.isSame(as: $1) }
  }
}

extension RecurrentCell {
  /// Whether what is neither a weight nor a function is the same.
  private func hasOptions(of other: RecurrentCell) -> Bool {
    if case .lstm(let one) = self, case .lstm(let two) = other {
      return one.cellLimit == two.cellLimit && one.projectionLimit == two.projectionLimit
        && one.outputActivation == two.outputActivation
    }
    if case .gru(let one) = self, case .gru(let two) = other {
      return one.resetPlacement == two.resetPlacement
    }
    return true
  }
}

extension CellKind {
  fileprivate func functionsAreEqual(to other: any CellKind) -> Bool {
    functions?.activation == other.functions?.activation
      && functions?.recurrent == other.functions?.recurrent
  }
}

extension Tensor {
  /// Larger arrays are the same only as views of the same bytes, so that long loops are read fast.
  private static var mostCompared: Int { 1 << 20 }

  /// Whether both are views of the same bytes, or hold the same numbers.
  fileprivate func isSame(as other: Tensor) -> Bool {
    TensorIdentity(self) == TensorIdentity(other)
      || shape == other.shape && count <= Self.mostCompared && doubles() == other.doubles()
  }
}
