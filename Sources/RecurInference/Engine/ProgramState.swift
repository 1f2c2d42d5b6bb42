/// What the recurrent layers of a ``Program`` remember between two pieces of a sequence.
///
/// A value: copy it, and both copies go on by themselves. It belongs to one program and one batch; a
/// new one stands for the beginning of the sequence.
public struct ProgramState: Sendable {
  /// The number of sequences; 0 before the first piece.
  public internal(set) var batch = 0
  /// The number of timesteps read so far.
  public internal(set) var timesteps = 0
  /// The states of every layer, one after the other.
  var values: [Float] = []

  /// The state before the first timestep.
  public init() {}

  /// Whether a piece was read.
  var hasBegun: Bool { batch > 0 }
}
