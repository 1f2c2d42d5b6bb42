import RecurModel

extension RecurrentCell {
  /// The cell's engine form; nil for a kind without a kernel, which runs on the reference's code.
  var engine: (any EngineCell)? {
    switch self {
    // The kernel has one function for candidate and cell, and no limits.
    case .lstm(let cell): cell.outputActivation == nil && !cell.isLimited ? cell : nil
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated: nil
    case .stacked(let cell): cell.engine
    }
  }
}
