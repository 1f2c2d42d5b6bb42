import RecurModel
import RecurTensors

/// What is found out about a loop while its round is read.
struct RoundReading {
  /// A value that goes from round to round.
  struct State {
    /// The input of the round that stands for it.
    let input: String
    let first: GraphValue
    let variable: GraphFrames.LoopVariable
  }

  /// An array of tensors that the loop reads, one per round.
  struct ReadSequence {
    let handle: String
    /// The input of the round that stands for one timestep.
    let input: GraphValue
    let name: String
    /// All timesteps, `[timesteps, batch, …]`.
    let value: GraphValue
    let isReversed: Bool
    let lengths: GraphValue?
  }

  /// The graph around the loop, as it is when the loop is read.
  let outer: GraphBuilder
  var states: [State] = []
  var sequences: [ReadSequence] = []
  /// What every round puts into arrays of tensors, by their names.
  var written: [(handle: String, value: NodeValue)] = []
}
