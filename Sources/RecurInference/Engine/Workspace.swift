import RecurModel
import RecurTensors

/// One thing to do in a run.
///
/// A structure, because a bare function in an array is called through a wrapper.
struct EngineAction: Sendable {
  /// Does it; work that threads can share goes to the team, if there is one.
  let run: @Sendable (ThreadTeam?) throws(CheckpointError) -> Void
}

/// The memory of one run of a graph on inputs of certain shapes, and everything that is done in it.
///
/// Made once for these shapes and used by one run at a time: whoever took it from the
/// ``WorkspacePool`` is alone with it. A run in it allocates nothing.
final class Workspace: Sendable {
  /// What runs must have in common to use the same workspace.
  struct Key: Hashable, Sendable {
    /// Which graph of the program.
    let graph: Int
    /// One shape per input of the model, left-out inputs included.
    let shapes: [[Int]]
  }

  /// A value with its place.
  struct Value: Sendable {
    let buffer: FloatBuffer
    let shape: [Int]

    /// The length of the last axis.
    var width: Int { shape.last ?? 1 }
    /// The number of rows along the last axis.
    var rows: Int { shape.dropLast().reduce(1, *) }

    func reshaped(_ shape: [Int]) -> Value { Value(buffer: buffer, shape: shape) }
  }

  /// An input with its place, and what is done to numbers before they count.
  struct Input: Sendable {
    let buffer: FloatBuffer
    /// What numbers are rounded to; nil for those that stay as they are.
    let type: ElementType?
    /// Whether these are tokens that must be whole numbers.
    let demandsWholeNumbers: Bool

    /// Whether nothing is done to them.
    var countsAsGiven: Bool { type == nil && !demandsWholeNumbers }
  }

  let key: Key
  /// The sequence input's batch and timesteps, for those who know nothing of other shapes.
  let sequence: ProgramSequence.Size?
  /// One per input of the model.
  let inputs: [Input]
  /// One per output of the model.
  let outputs: [Value]
  /// The place of the first output.
  let output: FloatBuffer
  /// One per place of the graph.
  let kept: [KeptState]
  /// Whether each of them is set: a number per place.
  let marks: FloatBuffer
  /// Everything that is kept, one after the other.
  let states: FloatBuffer
  /// The first input, and whether there are others.
  let input: Input
  let hasSeveralInputs: Bool
  /// Where the first input is read and the first output written without a copy.
  let callerInput: CallerMemory
  let callerOutput: CallerMemory
  /// Whether any action has work for several threads.
  let usesTeam: Bool
  private let action: EngineAction
  private let memory: [FloatMemory]

  init(
    key: Key, sequence: ProgramSequence.Size?, inputs: [Input], outputs: [Value],
    kept: [KeptState], marks: FloatBuffer, states: FloatBuffer, callerInput: CallerMemory,
    callerOutput: CallerMemory, action: EngineAction, usesTeam: Bool, memory: [FloatMemory]
  ) {
    self.key = key
    output = outputs[0].buffer
    input = inputs[0]
    hasSeveralInputs = inputs.count > 1
    self.marks = marks
    self.states = states
    self.callerInput = callerInput
    self.callerOutput = callerOutput
    self.sequence = sequence
    self.inputs = inputs
    self.outputs = outputs
    self.kept = kept
    self.action = action
    self.usesTeam = usesTeam
    self.memory = memory
  }

  /// Computes the outputs from the inputs and from what is kept.
  ///
  /// - Throws: `input.token`, `input.length`, and what the reference's code throws.
  func run(_ team: ThreadTeam?) throws(CheckpointError) {
    try action.run(team)
  }
}
