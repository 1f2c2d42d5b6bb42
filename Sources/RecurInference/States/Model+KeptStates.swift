package import RecurModel
package import RecurTensors

extension Model {
  /// The recurrent nodes whose first state a caller can choose: those that begin with zeros or with
  /// inputs of the model.
  package var nodesWithChosenState: [Node] {
    nodes.filter { node in
      !node.layer.stateSizes.isEmpty && node.initialState.allSatisfy { isInput($0) != nil }
    }
  }

  /// The input that a value is, or a part of; nil for what is computed.
  package func isInput(_ value: Value) -> String? {
    guard let node = node(value.node) else { return nil }
    switch node.layer {
    case .input: return node.name
    case .selection, .identity: return node.inputs.first.flatMap(isInput)
    default: return nil
    }
  }

  /// Whether an input that must be given is the initial state of a recurrent layer.
  package var hasGivenState: Bool {
    let given = nodes.flatMap(\.initialState).compactMap(isInput)
    return requiredInputs.contains { name in given.contains { Name($0) == Name(name) } }
  }

  /// The value of an input that marks timesteps which do not count, if the model makes a mask of it.
  package func maskedValue(of input: String) -> Double? {
    for node in nodes
    where node.inputs.first.flatMap(isInput).map({ Name($0) == Name(input) }) ?? false {
      switch node.layer {
      case .masking(let masking): return masking.value
      case .embedding(let embedding) where embedding.masksZero: return 0
      default: continue
      }
    }
    return nil
  }

  /// The same model, in which some recurrent nodes begin with the state that the call before left.
  ///
  /// Nodes of one layer keep states of their own, under their own names.
  /// - Parameters:
  ///   - names: the nodes.
  ///   - continues: whether the state is that of a call before, in place of the initial states that
  ///     inputs give; inputs that nothing else needs disappear.
  /// - Returns: the model.
  package func keepingStates(of names: Set<Name>, continues: Bool) -> Model {
    var copy = self
    var replaced: [Value] = []
    for index in copy.nodes.indices where names.contains(Name(copy.nodes[index].name)) {
      copy.nodes[index].layer = copy.nodes[index].layer.stateful
      copy.nodes[index].layerName = copy.nodes[index].name
      guard continues else { continue }
      replaced += copy.nodes[index].initialState
      copy.nodes[index].initialState = []
    }
    guard continues else { return copy }
    let given = Set(replaced.compactMap { copy.isInput($0).map { Name($0) } })
    copy.removeUnused(given)
    return copy
  }

  /// Removes inputs among `names`, and selections of them, that nothing needs any more.
  private mutating func removeUnused(_ names: Set<Name>) {
    while true {
      var used = Set(outputs.map { Name($0.node) })
      for node in nodes {
        for value in node.operands { used.insert(Name(value.node)) }
      }
      let unused = nodes.filter { node in
        !used.contains(Name(node.name))
          && isInput(Value(node.name)).map { names.contains(Name($0)) } ?? false
      }
      guard !unused.isEmpty else { return }
      let gone = Set(unused.map { Name($0.name) })
      nodes.removeAll { gone.contains(Name($0.name)) }
      inputs.removeAll { gone.contains(Name($0)) }
    }
  }

  /// The same model with a mask for an input where it took lengths; nil when it takes none.
  ///
  /// The mask `[batch, timesteps]` holds 1 where a timestep counts.
  package func takingMask() -> (model: Model, mask: String)? {
    let readers = nodes.filter { if case .lengthMask = $0.layer { true } else { false } }
    guard let first = readers.first, let lengths = first.inputs.last,
      readers.allSatisfy({ $0.inputs.last == lengths }),
      let place = inputs.firstIndex(where: { Name($0) == Name(lengths.node) }),
      nodes.allSatisfy({ node in
        if case .lengthMask = node.layer { return true }
        return !node.operands.contains(lengths)
      })
    else { return nil }
    var copy = self
    copy.nodes.removeAll { Name($0.name) == Name(lengths.node) }
    for index in copy.nodes.indices {
      guard case .lengthMask = copy.nodes[index].layer else { continue }
      if Name(copy.nodes[index].name) == Name(first.name) {
        copy.nodes[index].layer = .input(
          Input(shape: [nil, nil], elementType: .bool, acceptsOtherTypes: true))
        copy.nodes[index].inputs = []
      } else {
        copy.nodes[index].layer = .identity(Identity(className: "Identity"))
        copy.nodes[index].inputs = [Value(first.name)]
      }
    }
    copy.inputs[place] = first.name
    return (copy, first.name)
  }
}

extension Layer {
  /// The same recurrent layer with a state that is kept from call to call.
  fileprivate var stateful: Layer {
    mappingRecurrents { recurrent in
      var stateful = recurrent
      stateful.isStateful = true
      return stateful
    }
  }
}
