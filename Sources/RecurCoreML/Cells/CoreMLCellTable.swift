import RecurModel

/// All kinds of cells; a new kind needs a line.
extension RecurrentCell {
  /// What the writer of Core ML knows of the cell.
  var coreML: any CoreMLCell {
    switch self {
    case .lstm(let cell): cell
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated(let cell): cell.asGRU
    case .stacked: CoreMLStackedCells()
    }
  }
}
