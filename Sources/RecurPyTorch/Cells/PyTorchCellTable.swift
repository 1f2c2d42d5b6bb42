import RecurModel
import RecurTensors

extension RecurrentCell {
  /// What the PyTorch formats know of the cell: the list of all kinds.
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

/// Every kind, in the order in which torch's classes are told apart.
private let kinds: [any PyTorchCell.Type] = [
  LSTM.self, GRU.self, SimpleRNN.self, MinimalGatedUnit.self, StackedCells.self,
]

extension PyTorchRecurrentKind {
  /// The recurrent classes of torch.nn.
  static let all = kinds.compactMap { $0.torchKind }
}

extension PyTorchHelpers {
  /// The definitions of all kinds of cells.
  static let ofCells = kinds.flatMap { $0.helpers }
}
