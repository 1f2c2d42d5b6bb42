package import RecurTensors

// Recurrent layers, one above the other.
extension GraphBuilder {
  /// Adds recurrent layers of one or two directions, each reading the layer below.
  ///
  /// - Parameters:
  ///   - layers: the cells of every layer, one per direction, forward first.
  ///   - x: the sequence, `[batch, timesteps, …]`.
  ///   - states: the initial states, `[layers·directions, batch, units]` each; known zeros are left
  ///     out.
  ///   - module: the name of the layers; nil for the current ``name``.
  ///   - place: the prefix of the weights in a state dict.
  ///   - lengths: the timesteps of every sequence, `[batch]`; outputs behind them are zeros. Nil when
  ///     all timesteps count.
  /// - Returns: the sequence of the last layer, and the final states in the form of `states`.
  /// - Throws: `model.shape-mismatch`, `graph.unsupported`, `bytes.limit-exceeded`.
  package mutating func recurrent(
    _ layers: [[RecurrentCell]], _ x: GraphValue, states: [GraphValue], module: String?,
    place: String?, lengths: GraphValue? = nil
  ) throws(CheckpointError) -> (sequence: GraphValue, states: [GraphValue]) {
    var value = try computed(x)
    let directions = layers.first?.count ?? 1
    let mask = try lengths.map { lengths throws(CheckpointError) in
      try add(.lengthMask(LengthMask()), [value, computed(lengths)])[0]
    }
    let startsAtZero = states.allSatisfy { $0.known?.isZero ?? false }
    for state in states {
      // The number of states is checked here; batch and units are checked with the node.
      let found = try extents(state)
      guard found.count == 3, found[0] == .fixed(layers.count * directions) else {
        throw problem(
          "the initial state of '\(module ?? name)' has the shape \(text(found))",
          code: .shapeMismatch, expected: "[\(layers.count * directions), batch, units]",
          found: text(found))
      }
    }
    var finals = [[Model.Value]](repeating: [], count: states.count)
    for (index, cells) in layers.enumerated() {
      var initial: [Model.Value] = []
      for direction in cells.indices where !startsAtZero {
        for state in states {
          let own = try selected(state, axis: 0, index * directions + direction)
          initial.append(try computed(own))
        }
      }
      let layer = Layer.whole(
        cells, isBackward: cells.indices.map { $0 > 0 },
        maskedOutput: mask == nil ? .previous : .zero)
      let own = module ?? name
      let outputs = try add(
        layer, [value], name: layers.count == 1 ? own : "\(own).l\(index)", initialState: initial,
        mask: mask,
        place: place.map { StateDictPlace(key: $0, layer: index) },
        precision: cells[0].tensors.first?.tensor.elementType)
      value = outputs[0]
      for (position, final) in outputs.dropFirst().enumerated() {
        finals[position % states.count].append(final)
      }
    }
    var stacks: [GraphValue] = []
    for final in finals { stacks.append(try stacked(final.map { .computed($0) }, axis: 0)) }
    return (.computed(value), stacks)
  }
}

extension Layer {
  /// A layer of one or two directions that puts out every timestep and its last states.
  package static func whole(
    _ cells: [RecurrentCell], isBackward: [Bool], maskedOutput: Recurrent.MaskedOutput = .previous
  ) -> Layer {
    let layers = zip(cells, isBackward).map { cell, isBackward in
      Recurrent(
        cell: cell, returnsSequence: true, returnsState: true,
        direction: isBackward ? .backward : .forward, isStateful: false, keptStateWins: false,
        maskedOutput: maskedOutput)
    }
    return layers.count == 1
      ? .recurrent(layers[0])
      : .bidirectional(
        Bidirectional(forward: layers[0], backward: layers[1], mergeMode: .concatenate))
  }
}
