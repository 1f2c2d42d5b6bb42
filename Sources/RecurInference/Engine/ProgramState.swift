/// The states of a ``Program``'s recurrent layers between two pieces of a sequence.
///
/// The state is a value: after copying it, both copies continue independently. It belongs to one
/// program and one batch size. A new state stands for the beginning of the sequence.
public struct ProgramState: Sendable {
  /// The number of sequences; 0 before the first piece.
  public internal(set) var batch = 0
  /// The number of timesteps read so far.
  public internal(set) var timesteps = 0
  /// The states of all layers, one after the other.
  var values: [Float] = []

  /// The state before the first timestep.
  public init() {}

  /// Whether at least one piece was read.
  var hasBegun: Bool { batch > 0 }
}
