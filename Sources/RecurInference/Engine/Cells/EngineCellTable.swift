import RecurModel

extension RecurrentCell {
  /// The cell's engine form; nil for a kind without a kernel, which runs on the reference's code.
  var engine: (any EngineCell)? {
    switch self {
    case .lstm(let cell): cell
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated: nil
    case .stacked(let cell): cell.engine
    }
  }
}
