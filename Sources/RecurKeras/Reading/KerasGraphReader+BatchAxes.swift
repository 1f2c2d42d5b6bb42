import RecurModel
import RecurTensors

extension KerasGraphReader {
  /// `nodes`, with axis 1 as the batch of an input where all readers of the input show that it
  /// is; a batch on the first axis is of any size.
  ///
  /// A reader shows it by taking one element of the first axis or exchanging the first two axes, at
  /// once or behind layers that keep both axes.
  ///
  /// Keras does not say which axis is the batch. torch.nn has states `[layers, batch, units]` and
  /// sequences `[timesteps, batch, features]`.
  func withBatchAxes(_ nodes: [Model.Node]) -> [Model.Node] {
    // Whether axis 1 of a node's first output is the batch; nil if no reader shows it.
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
      guard case .input(var input) = copy[index].layer, !input.shape.isEmpty else { continue }
      if input.shape.count >= 2, isSecond[Name(copy[index].name)] == true {
        input.batchAxis = 1
      } else if !keepsStates {
        // Keras takes the batch from the first call, and holds later calls to the declared one only
        // where a layer keeps its state.
        input.shape[0] = nil
      }
      copy[index].layer = .input(input)
    }
    return copy
  }
}
