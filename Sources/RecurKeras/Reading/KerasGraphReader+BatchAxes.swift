import RecurModel
import RecurTensors

extension KerasGraphReader {
  /// The nodes, with the batch along axis 1 of inputs whose every reader takes one element of the
  /// first axis, or exchanges it with the second, at once or behind layers that keep both.
  ///
  /// Keras does not say which axis is the batch: `[layers, batch, units]` are the states of torch.nn,
  /// `[timesteps, batch, features]` its sequences.
  func withBatchAxes() -> [Model.Node] {
    // Whether the second axis of a node's first output is the batch; nothing if no reader says.
    var isSecond: [Name: Bool] = [:]
    for node in nodes.reversed() {
      let vote: Bool? =
        switch node.layer.traits.leadingAxes {
        case .kept: isSecond[Name(node.name)]
        case .batchIsSecond: true
        case .batchIsFirst: false
        }
      guard let vote else { continue }
      for value in node.inputs {
        let name = Name(value.node)
        isSecond[name] = (isSecond[name] ?? true) && vote
      }
      for value in node.initialState + [node.mask].compactMap({ $0 }) {
        isSecond[Name(value.node)] = false
      }
    }
    var copy = nodes
    for index in copy.indices {
      guard case .input(var input) = copy[index].layer, input.shape.count >= 2,
        isSecond[Name(copy[index].name)] == true
      else { continue }
      input.batchAxis = 1
      copy[index].layer = .input(input)
    }
    return copy
  }
}
