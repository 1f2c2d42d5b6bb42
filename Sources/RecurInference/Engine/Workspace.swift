import RecurModel
import RecurTensors

/// One action of a run.
///
/// The action is a struct, because Swift calls a bare function in an array through a wrapper.
struct EngineAction: Sendable {
  /// Runs the action; work that threads can share uses the team, if there is one.
  let run: @Sendable (ThreadTeam?) throws(CheckpointError) -> Void
}

/// The memory and the actions of one run of a graph, for inputs of certain shapes.
///
/// A workspace is made once for these shapes and used by one run at a time: the run that takes it
/// from the ``WorkspacePool`` has it to itself. A run in a workspace allocates nothing.
final class Workspace: Sendable {
  /// The properties that runs must share to use the same workspace.
  struct Key: Hashable, Sendable {
    /// The index of the program's graph.
    let graph: Int
    /// One shape per input of the model, omitted inputs included.
    let shapes: [[Int]]
  }

  /// A value's shape and buffer.
  struct Value: Sendable {
    let buffer: FloatBuffer
    let shape: [Int]

    /// The extent of the last axis.
    var width: Int { shape.last ?? 1 }
    /// The number of rows along the last axis.
    var rows: Int { shape.dropLast().reduce(1, *) }

    func reshaped(_ shape: [Int]) -> Value { Value(buffer: buffer, shape: shape) }
  }

  /// An input's buffer, and the checks and rounding of its numbers.
  struct Input: Sendable {
    let buffer: FloatBuffer
    /// The type to which numbers are rounded; nil for no rounding.
    let type: ElementType?
    /// Whether the input holds tokens, which must be whole numbers.
    let demandsWholeNumbers: Bool

    /// Whether the numbers are used unchanged and unchecked.
    var countsAsGiven: Bool { type == nil && !demandsWholeNumbers }
  }

  let key: Key
  /// The batch size and timestep count of the sequence input, for runs that are given no other
  /// shapes.
  let sequence: ProgramSequence.Size?
  /// One per input of the model.
  let inputs: [Input]
  /// One per output of the model.
  let outputs: [Value]
  /// The buffer of the first output.
  let output: FloatBuffer
  /// The kept state of each place in the graph.
  let kept: [KeptState]
  /// The marks of all kept states, one number per place.
  let marks: FloatBuffer
  /// All kept states, one after the other.
  let states: FloatBuffer
  /// The first input, and whether there are other inputs.
  let input: Input
  let hasSeveralInputs: Bool
  /// The passes that read the caller's input, or write the caller's output, without a copy.
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

  /// Computes the outputs from the inputs and the kept states.
  ///
  /// - Throws: `input.token`, `input.length`, and what the reference's code throws.
  func run(_ team: ThreadTeam?) throws(CheckpointError) {
    try action.run(team)
  }
}
