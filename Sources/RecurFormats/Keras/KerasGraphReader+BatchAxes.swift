import RecurModel
import RecurTensors

extension KerasGraphReader {
  /// The nodes, with the batch along axis 1 of inputs whose every reader takes one element of the
  /// first axis, or exchanges it with the second.
  ///
  /// Keras does not say which axis is the batch: `[layers, batch, units]` are the states of torch.nn,
  /// `[timesteps, batch, features]` its sequences.
  func withBatchAxes() -> [Model.Node] {
    var isTurned: [Name: Bool] = [:]
    for node in nodes {
      for value in node.inputs + node.initialState + [node.mask].compactMap({ $0 }) {
        let turns: Bool =
          switch node.layer {
          case .selection(let selection): selection.axis == 0
          case .reshaping(.exchangeBatchAndTime): true
          default: false
          }
        let name = Name(value.node)
        isTurned[name] = (isTurned[name] ?? true) && turns
      }
    }
    var copy = nodes
    for index in copy.indices {
      guard case .input(var input) = copy[index].layer, input.shape.count >= 2,
        isTurned[Name(copy[index].name)] == true
      else { continue }
      input.batchAxis = 1
      copy[index].layer = .input(input)
    }
    return copy
  }
}
