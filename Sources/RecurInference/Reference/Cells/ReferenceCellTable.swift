import RecurModel

extension RecurrentCell {
  /// What the reference knows of the cell.
  var reference: any ReferenceCell {
    switch self {
    case .lstm(let cell): cell
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated(let cell): cell
    case .stacked(let cell): cell
    }
  }
}
