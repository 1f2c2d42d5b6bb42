/// A cell applied to every timestep of a sequence.
///
/// Outputs, in order: the sequence `[batch, timesteps, units]` or the last output `[batch, units]`;
/// then, with `returnsState`, the last states, `[batch, units]` each, in the cell's order.
public struct Recurrent: Sendable {
  /// Which end of the sequence is read first.
  public enum Direction: String, Sendable {
    /// From the first timestep to the last.
    case forward
    /// From the last timestep to the first; outputs stay in processing order
    /// (keras/src/layers/rnn/rnn.py, `go_backwards`).
    case backward
  }

  /// What a masked timestep puts out.
  ///
  /// The state is carried over either way.
  public enum MaskedOutput: String, Sendable {
    /// The output before it again; zeros before the first timestep that counts.
    case previous
    /// Zeros (keras/src/layers/rnn/rnn.py, `zero_output_for_mask`).
    case zero
    /// The first state as it is carried over: `previous`, except that the initial state is put out
    /// before the first timestep that counts (keras 2.2.5, keras/backend/tensorflow_backend.py, `rnn`).
    case state
  }

  /// What happens at one timestep.
  public var cell: RecurrentCell
  /// Whether every timestep is put out, or only the last.
  public var returnsSequence: Bool
  /// Whether the states are put out too.
  public var returnsState: Bool
  /// Which end of the sequence is read first.
  public var direction: Direction
  /// Whether a call begins with the state the call before it ended with.
  public var isStateful: Bool
  /// Whether a stateful layer prefers the state it kept, unless that is all zeros, to a state it is
  /// given (tf_keras/src/layers/rnn/base_rnn.py, `_process_inputs`).
  public var keptStateWins: Bool
  /// What a masked timestep puts out.
  public var maskedOutput: MaskedOutput

  /// Makes a layer.
  ///
  /// No option has a default: each changes the numbers.
  public init(
    cell: RecurrentCell, returnsSequence: Bool, returnsState: Bool, direction: Direction,
    isStateful: Bool, keptStateWins: Bool, maskedOutput: MaskedOutput
  ) {
    self.cell = cell
    self.returnsSequence = returnsSequence
    self.returnsState = returnsState
    self.direction = direction
    self.isStateful = isStateful
    self.keptStateWins = keptStateWins
    self.maskedOutput = maskedOutput
  }
}

extension Recurrent: RecurrentLayerKind {
  package var asLayer: Layer { .recurrent(self) }
  package var title: String { cell.title }
  package var ports: LayerPorts {
    let states = cell.states
    return LayerPorts(
      inputs: 1...1, outputs: 1 + (returnsState ? states.count : 0), states: states)
  }
  package var traits: LayerTraits {
    .batchFirst(inputWidth: cell.inputSize)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try cell.visitParameters(&visitor)
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    try demand(x, rank: 3, width: cell.inputSize, "[batch, timesteps, %]")
    return [sequenceShape(x)]
      + (returnsState ? cell.stateSizes.map { [x[0], .fixed($0)] } : [])
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    product([2, inputs[0][0], inputs[0][1], cell.productCount])
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? {
    cell.outputRange.map { FeatureRange(repeating: $0, count: cell.units) }
  }

  package var recurrents: [Recurrent] {
    get { [self] }
    set { if let first = newValue.first { self = first } }
  }

  /// The shape of the first output.
  func sequenceShape(_ x: [Dimension]) -> [Dimension] {
    returnsSequence ? [x[0], x[1], .fixed(cell.units)] : [x[0], .fixed(cell.units)]
  }
}
