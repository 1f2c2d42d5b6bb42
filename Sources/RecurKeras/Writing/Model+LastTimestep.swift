import RecurModel
import RecurTensors

extension Model {
  /// The same model with recurrent layers that put out only their last timestep, as Keras'
  /// `return_sequences=False` does, where the rest of the sequence is not used.
  ///
  /// Only for layers of one direction that read forwards. In the last element of two directions,
  /// the second direction has only read one timestep.
  var selectingInLayers: Model {
    let uses = sequenceUses
    var copy = self
    var replaced: [Value: Value] = [:]
    for selection in nodes {
      guard case .selection(Selection(axis: 1, index: -1)) = selection.layer,
        let source = selection.inputs.first, source.output == 0, uses[source] == 1,
        !outputs.contains(source),
        let index = copy.nodes.firstIndex(where: { Name($0.name) == Name(source.node) }),
        case .recurrent(var recurrent) = copy.nodes[index].layer, recurrent.returnsSequence,
        recurrent.direction == .forward,
        selection.mask == nil || selection.mask == nodes[index].mask,
        nodes.count(where: { Name($0.layerName) == Name(nodes[index].layerName) }) == 1
      else { continue }
      if nodes[index].mask != nil {
        // With padding, the last element of the sequence is not the last timestep that counts.
        guard selection.mask != nil else { continue }
        recurrent.maskedOutput = .previous
      }
      recurrent.returnsSequence = false
      copy.nodes[index].layer = .recurrent(recurrent)
      replaced[Value(selection.name)] = source
    }
    guard !replaced.isEmpty else { return self }
    copy.nodes.removeAll { replaced[Value($0.name)] != nil }
    func current(_ value: Value) -> Value { replaced[value] ?? value }
    for index in copy.nodes.indices {
      copy.nodes[index].inputs = copy.nodes[index].inputs.map(current)
      copy.nodes[index].initialState = copy.nodes[index].initialState.map(current)
      copy.nodes[index].mask = copy.nodes[index].mask.map(current)
    }
    copy.outputs = outputs.map(current)
    return copy
  }

  /// The number of uses of each value.
  private var sequenceUses: [Value: Int] {
    var uses: [Value: Int] = [:]
    for node in nodes {
      for value in node.operands { uses[value, default: 0] += 1 }
    }
    return uses
  }
}
