import RecurModel

/// All kinds of cells; a new kind needs a line in each list.
extension RecurrentCell {
  /// What Keras knows of the cell.
  var keras: any KerasCell {
    switch self {
    case .lstm(let cell): cell
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated(let cell): cell
    case .stacked(let cell): cell
    }
  }

  private static let kerasKinds: [any KerasCell.Type] = [
    LSTM.self, GRU.self, SimpleRNN.self, MinimalGatedUnit.self, StackedCells.self,
  ]

  /// The classes that Keras has for cells.
  static let kerasClasses = kerasKinds.flatMap { $0.classes }
}

extension KerasArchitecture.LayerConfig {
  /// The description of a cell's class; nil for any other class.
  var kerasCell: KerasCellClass? { RecurrentCell.kerasClasses.first { $0.cell == className } }
}
