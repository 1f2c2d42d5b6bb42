public import RecurTensors

extension Model {
  /// The model with the states of its recurrent layers as inputs and outputs.
  ///
  /// A call takes the states that the call before put out, so a stateful model becomes one that keeps
  /// nothing. Layers that are given their first state already are left alone.
  ///
  /// - Returns: the model; the inputs and the outputs for states follow the others, layer by layer.
  /// - Throws: `model.unrepresentable` when a state can't be seen from outside, or when no layer has
  ///   one.
  package func exposingStates() throws(CheckpointError) -> Model {
    var copy = self
    (copy.nodes, copy.inputs) = ([], inputs)
    let shapes = ModelShapes(self)
    var count = 0
    for node in nodes {
      let isGiven =
        !node.initialState.isEmpty && !node.layer.recurrents.contains(where: \.keptStateWins)
      guard !node.layer.recurrents.isEmpty, !isGiven else {
        copy.nodes.append(node)
        continue
      }
      let states = node.layer.ports.states
      guard !states.isEmpty, node.initialState.isEmpty,
        nodes.count(where: { Name($0.layerName) == Name(node.layerName) }) == 1,
        let batch = shapes[node.name].first?.first
      else {
        guard node.layer.isStateful else {
          copy.nodes.append(node)
          continue
        }
        throw CheckpointError(
          .statesHidden, "the state of '\(node.layerName)' can't be an input and an output",
          at: node.location,
          reason:
            "the layer is inside another one, is called several times, or is given a state that "
            + "the kept one replaces")
      }
      var own = node
      own.layer = node.layer.mappingRecurrents { (recurrent) throws(Never) in
        var changed = recurrent
        (changed.isStateful, changed.returnsState) = (false, true)
        return changed
      }
      for state in states {
        let name = unique("\(node.name).\(state.name)_0", among: copy)
        copy.nodes.append(stateInput(name, state, batch: batch, of: node))
        copy.inputs.append(name)
        own.initialState.append(Value(name))
      }
      let first = own.layer.outputCount - states.count
      copy.outputs += states.indices.map { Value(node.name, first + $0) }
      copy.nodes.append(own)
      count += 1
    }
    guard count > 0 else {
      throw CheckpointError(
        .statesHidden, "no layer of the model has a state that is not given already",
        at: nodes.first?.location ?? .init())
    }
    return try copy.validated()
  }

  private func stateInput(
    _ name: String, _ state: CellState, batch: Dimension, of node: Node
  ) -> Node {
    let input = Input(
      shape: [batch.value, state.size], elementType: node.precision, acceptsOtherTypes: false,
      extentNames: [batch.value == nil ? batch.description : nil, nil])
    return Node(
      name: name, layerName: name, layer: .input(input), inputs: [], precision: node.precision,
      location: node.location)
  }

  private func unique(_ name: String, among other: Model) -> String {
    var own = name
    while node(own) != nil || other.node(own) != nil { own += "_" }
    return own
  }
}

extension Diagnostic.Code {
  /// A state of a recurrent layer that can't be an input and an output.
  public static let statesHidden = Self(rawValue: "model.states-hidden")
}
