import RecurModel
import RecurTensors

extension RecurrentCell {
  /// The room of the cell's kind; this is the list of all kinds.
  var pytorch: any PyTorchCell {
    switch self {
    case .lstm(let cell): cell
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated(let cell): cell
    case .stacked(let cell): cell
    }
  }
}

/// Every kind, in the order in which classes of torch are recognised.
private let kinds: [any PyTorchCell.Type] = [
  LSTM.self, GRU.self, SimpleRNN.self, MinimalGatedUnit.self, StackedCells.self,
]

extension PyTorchRecurrentKind {
  /// The recurrent classes of torch.nn.
  static let all = kinds.compactMap { $0.torchKind }
}

extension PyTorchHelpers {
  /// The Python definitions of all kinds of cells.
  static let ofCells = kinds.flatMap { $0.helpers }
}
