public import RecurTensors

extension Model {
  /// The same model with other outputs of its last recurrent layer: every timestep, or the states
  /// too.
  ///
  /// The states follow the model's own outputs: h and c, first of the forward layer and then of the
  /// backward layer.
  ///
  /// - Parameters:
  ///   - sequences: whether the last recurrent layer returns every timestep.
  ///   - states: whether the final states of that layer become outputs of the model.
  /// - Returns: the changed model; the model itself when nothing is asked for.
  /// - Throws: `model.returns-fixed` when the model has no recurrent layer, when a declaration of
  ///   its modules fixes their outputs, or when a later layer can't take every timestep.
  public func returning(
    sequences: Bool, states: Bool
  ) throws(CheckpointError) -> Model {
    guard sequences || states else { return self }
    guard let index = nodes.lastIndex(where: { $0.layer.returns != nil }) else {
      throw CheckpointError(
        .returnsFixed, "the model has no recurrent layer to return from",
        at: nodes.first?.location ?? .init())
    }
    guard nodes[index].place == nil else {
      throw CheckpointError(
        .returnsFixed,
        "the modules put out every timestep and the states either way: the declaration selects",
        at: nodes.first?.location ?? .init(), remedies: [.selectOutputs, .declareOutputs])
    }
    var copy = self
    let node = nodes[index]
    let now = node.layer.returns ?? (false, false)
    let layer = node.layer.returning(
      sequence: sequences || now.sequence, state: states || now.state)
    for position in copy.nodes.indices
    where Name(copy.nodes[position].layerName) == Name(node.layerName) {
      copy.nodes[position].layer = layer
    }
    if states {
      let first = layer.outputCount - layer.stateSizes.count
      copy.outputs += (first..<layer.outputCount).map { Value(node.name, $0) }
        .filter { !outputs.contains($0) }
    }
    let findings = ModelShapes(copy).findings
    guard findings.isEmpty else {
      throw CheckpointError(
        .returnsFixed,
        "'\(node.layerName)' can't put out every timestep: a later layer takes only the last one",
        at: node.location, expected: findings[0].expected, found: findings[0].found,
        hint: "end the model at '\(node.layerName)', or put later layers in TimeDistributed")
    }
    return copy
  }
}

extension Layer {
  /// Whether the layer returns every timestep, and whether it returns states; nil for layers
  /// without states.
  var returns: (sequence: Bool, state: Bool)? {
    guard !ports.states.isEmpty, let first = recurrents.first else { return nil }
    return (first.returnsSequence, first.returnsState)
  }

  /// The same layer with other outputs.
  package func returning(sequence: Bool, state: Bool) -> Layer {
    mappingRecurrents { recurrent in
      var copy = recurrent
      copy.returnsSequence = sequence
      copy.returnsState = state
      return copy
    }
  }
}

extension Diagnostic.Code {
  /// --return-sequences or --return-state can't change what the model puts out.
  public static let returnsFixed = Self(rawValue: "model.returns-fixed")
}
