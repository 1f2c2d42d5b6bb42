package import RecurModel
package import RecurTensors

extension Model {
  /// The recurrent nodes whose initial state a caller can choose: nodes that begin with zeros or
  /// with inputs of the model.
  package var nodesWithChosenState: [Node] {
    nodes.filter { node in
      !node.layer.stateSizes.isEmpty && node.initialState.allSatisfy { isInput($0) != nil }
    }
  }

  /// The name of the input that `value` is or was selected from; nil for computed values.
  package func isInput(_ value: Value) -> String? {
    guard let node = node(value.node) else { return nil }
    switch node.layer {
    case .input: return node.name
    case .selection, .identity: return node.inputs.first.flatMap(isInput)
    default: return nil
    }
  }

  /// Whether a required input is the initial state of a recurrent layer.
  package var hasGivenState: Bool {
    let given = nodes.flatMap(\.initialState).compactMap(isInput)
    return requiredInputs.contains { name in given.contains { Name($0) == Name(name) } }
  }

  /// The value that marks masked timesteps in this input, if the model makes a mask of the input.
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

  /// The same model, in which some recurrent nodes begin with the final state of the call before.
  ///
  /// Nodes of the same layer keep separate states, under the names of the nodes.
  ///
  /// - Parameters:
  ///   - names: the names of the nodes.
  ///   - continues: whether the kept state replaces initial states given as inputs; inputs without
  ///     another use are then removed.
  /// - Returns: the model.
  package func keepingStates(of names: Set<Name>, continues: Bool) -> Model {
    var copy = self
    for index in copy.nodes.indices where names.contains(Name(copy.nodes[index].name)) {
      copy.nodes[index].layer = copy.nodes[index].layer.stateful
      copy.nodes[index].layerName = copy.nodes[index].name
      guard continues else { continue }
      copy.nodes[index].initialState = []
    }
    guard continues else { return copy }
    copy.removeUnused(beginnings)
    return copy
  }

  /// The nodes that nothing reads but what recurrent layers begin with.
  var beginnings: Set<Name> {
    var others = Set(outputs.map { Name($0.node) })
    for node in nodes.reversed() where others.contains(Name(node.name)) {
      for value in node.inputs + [node.mask].compactMap({ $0 }) { others.insert(Name(value.node)) }
    }
    var own = Set(nodes.flatMap(\.initialState).map { Name($0.node) })
    for node in nodes.reversed() where own.contains(Name(node.name)) {
      for value in node.operands { own.insert(Name(value.node)) }
    }
    return own.subtracting(others)
  }

  /// Removes the nodes among `names` that nothing reads any more.
  private mutating func removeUnused(_ names: Set<Name>) {
    while true {
      var used = Set(outputs.map { Name($0.node) })
      for node in nodes {
        for value in node.operands { used.insert(Name(value.node)) }
      }
      let unused = nodes.filter { node in
        !used.contains(Name(node.name)) && names.contains(Name(node.name))
      }
      guard !unused.isEmpty else { return }
      let gone = Set(unused.map { Name($0.name) })
      nodes.removeAll { gone.contains(Name($0.name)) }
      inputs.removeAll { gone.contains(Name($0)) }
    }
  }

  /// The same model with a mask input instead of a lengths input; nil when the model has no lengths
  /// input.
  ///
  /// The mask `[batch, timesteps]` holds 1 for timesteps of a sequence and 0 for padding.
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
  /// The same recurrent layer, made stateful.
  fileprivate var stateful: Layer {
    mappingRecurrents { recurrent in
      var stateful = recurrent
      stateful.isStateful = true
      return stateful
    }
  }
}
