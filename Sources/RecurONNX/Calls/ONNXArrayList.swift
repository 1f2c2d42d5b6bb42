import RecurModel
import RecurTensors

/// Sequences of arrays: what `SequenceEmpty` begins and a loop adds an array to in every round.
enum ONNXArrayList {
  private static let mark = "sequence"
  private static let roundMark = "sequence of rounds"

  /// A sequence of these arrays.
  static func value(_ elements: [GraphValue]) -> GraphValue { .list([.text(mark)] + elements) }

  /// The arrays; nil for every other value.
  static func elements(_ value: GraphValue) -> [GraphValue]? {
    guard let list = value.list, list.first?.text == mark else { return nil }
    return Array(list.dropFirst())
  }

  /// A sequence of the array of every round, which are one array with the rounds as its first axis.
  static func value(rounds stack: GraphValue) -> GraphValue { .list([.text(roundMark), stack]) }

  /// The arrays of all rounds as one array; nil for every other value.
  static func rounds(_ value: GraphValue) -> GraphValue? {
    guard let list = value.list, list.count == 2, list[0].text == roundMark else { return nil }
    return list[1]
  }
}
