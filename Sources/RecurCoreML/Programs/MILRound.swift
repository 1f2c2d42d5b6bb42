import RecurModel
import RecurTensors

/// The body of a loop over timesteps, read as the graph of one round.
struct MILRound {
  /// What a round does with a value that is handed on.
  enum Kind {
    /// Every round adds 1 to it; it begins with 0.
    case counter
    /// Every round computes it anew; the input that stands for it.
    case state(Model.Value)
    /// Every round puts a row of the timestep into it; the value of the row.
    case rows(Model.Value?)
  }

  /// The number of rounds.
  let rounds: Dimension
  /// The values that are handed on.
  var carried: [Kind]
  /// The sequences that are read, by the inputs that stand for a timestep of each.
  var timesteps: [(input: Model.Value, sequence: GraphValue)] = []

  /// The number of a round of which at least one more comes.
  var round: Dimension { rounds.plus(-1).plus(Dimension.free("rounds left").times(-1)) }

  /// The inputs that stand for states.
  var states: [Model.Value] {
    carried.compactMap { if case .state(let value) = $0 { value } else { nil } }
  }

  /// What stands for rows that a loop collects.
  static func mark(_ index: Int) -> GraphValue { .list([.text(markText), .integer(index)]) }

  /// The number of the value that collects rows; nil for other values.
  static func index(of value: GraphValue) -> Int? {
    guard let list = value.list, list.count == 2, list[0].text == markText else { return nil }
    return list[1].integer
  }

  private static let markText = "rows"
}

/// Rows that a loop of a known number of rounds collects.
enum MILRows {
  private static let mark = "collected rows"

  /// Rows, of which some are not there yet.
  static func value(_ rows: [GraphValue]) -> GraphValue { .list([.text(mark)] + rows) }

  /// The rows; nil for every other value.
  static func rows(_ value: GraphValue) -> [GraphValue]? {
    guard let list = value.list, list.first?.text == mark else { return nil }
    return Array(list.dropFirst())
  }
}
