import RecurModel

/// The body of a loop as the graph of one timestep: its inputs stand for values around it.
struct RaisedBody: Sendable {
  /// A part of a sequence that a round reads.
  struct Timestep: Sendable {
    var input: Model.Value
    /// The sequence, outside of the body.
    var sequence: GraphValue
    /// The axis of the timesteps.
    var axis: Int
  }

  /// A value that the loop hands on from round to round, by its names before and after a round.
  struct Carried: Sendable {
    /// What a round does with the value.
    enum Kind: Sendable {
      /// No round changes it.
      case constant
      /// Every round adds 1 to it; the number before the first round.
      case counter(Dimension)
      /// Every round computes it anew; the input that stands for it.
      case state(Model.Value)
    }

    var before: String
    var after: String
    var initial: GraphValue
    var kind = Kind.constant
  }

  /// The number of rounds.
  let rounds: Dimension
  /// The values that are handed on.
  var carried: [Carried]
  /// A value that is put out once per round.
  struct Scan: Sendable {
    var name: String
    /// The output of the loop.
    var output: Int
  }

  /// The values that are put out once per round.
  var scans: [Scan]
  /// The sequences around the body, by the inputs that stand for them.
  var outside: [Model.Value: GraphValue] = [:]
  var timesteps: [Timestep] = []

  init(rounds: Dimension, carried: [Carried], scans: [Scan]) {
    self.rounds = rounds
    self.carried = carried
    self.scans = scans
  }

  /// The number of a round of which at least one more comes.
  var round: Dimension { rounds.plus(-1).plus(Dimension.free("rounds left").times(-1)) }

  /// The inputs that stand for states.
  var states: [Model.Value] {
    carried.compactMap { if case .state(let value) = $0.kind { value } else { nil } }
  }
}
