import RecurModel
import RecurTensors

/// What an output of a node is: a value of the model, or what is known of it while graphs are read.
indirect enum NodeValue: Sendable {
  case value(GraphValue)
  /// An output of a branch that is not taken.
  case dead
  /// Where values are kept under a name: a variable, or an array of tensors.
  case handle(String)
  /// An array of tensors, one above the other; nothing where nothing is in it yet.
  case tensors(String, NodeValue?)
  /// A sequence with its timesteps the other way around, each up to its length.
  case reversed(GraphValue, lengths: GraphValue?, axis: Int)
  /// Numbers drawn from `least` up to `least + span`.
  case random(least: Double, span: Double)

  // In loops:

  /// The number of the round.
  case round
  /// A value from outside of the loop that is computed.
  case outer(GraphValue)
  /// Whether the round is behind the end of sequences of these lengths.
  case isPast(GraphValue)
  /// One value, and another one behind the end of a sequence.
  case masked(GraphValue, otherwise: GraphValue, lengths: GraphValue)

  /// The value in messages.
  var title: String {
    switch self {
    case .value(let value): value.title
    case .dead: "an output of a branch that is not taken"
    case .handle(let name), .tensors(let name, _): "'\(name)', which keeps values,"
    case .reversed: "a sequence that is turned around"
    case .random: "numbers that are drawn"
    case .round: "the number of the round"
    case .outer: "a value from outside of the loop"
    case .isPast, .masked: "what is behind the end of a sequence"
    }
  }
}
