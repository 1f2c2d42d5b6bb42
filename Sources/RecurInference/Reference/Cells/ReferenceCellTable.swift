import RecurModel

extension RecurrentCell {
  /// The cell's reference form.
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
