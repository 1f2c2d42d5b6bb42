import RecurModel

/// All kinds of cells: a new one is a line in each list.
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

  /// Every class that cells have in Keras.
  static let kerasClasses = kerasKinds.flatMap { $0.classes }
}

extension KerasArchitecture.LayerConfig {
  /// What is known of the class of a cell; nil for anything else.
  var kerasCell: KerasCellClass? { RecurrentCell.kerasClasses.first { $0.cell == className } }
}
