import RecurModel

extension RecurrentCell {
  /// The cell as the engine runs it; nil for a kind that has no kernel, whose layers the reference's
  /// code computes.
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
