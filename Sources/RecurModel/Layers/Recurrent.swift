/// A cell applied to every timestep of a sequence.
///
/// Outputs, in order: the sequence `[batch, timesteps, units]` or the last output `[batch, units]`;
/// then, with `returnsState`, the final states, `[batch, units]` each, in the cell's order.
public struct Recurrent: Sendable {
  /// The end of the sequence at which the layer begins.
  public enum Direction: String, Sendable {
    /// From the first timestep to the last.
    case forward
    /// From the last timestep to the first; outputs stay in processing order
    /// (keras/src/layers/rnn/rnn.py, `go_backwards`).
    case backward
  }

  /// The output at a masked timestep.
  ///
  /// In all cases a masked timestep leaves the state unchanged.
  public enum MaskedOutput: String, Sendable {
    /// The output of the timestep before; zeros before the first unmasked timestep.
    case previous
    /// Zeros (keras/src/layers/rnn/rnn.py, `zero_output_for_mask`).
    case zero
    /// The first state as carried over. This equals `previous`, except that the output before the
    /// first unmasked timestep is the initial state (keras 2.2.5,
    /// keras/backend/tensorflow_backend.py, `rnn`).
    case state
  }

  /// The computation at one timestep.
  public var cell: RecurrentCell
  /// Whether the output has every timestep, or only the last one.
  public var returnsSequence: Bool
  /// Whether the final states are outputs too.
  public var returnsState: Bool
  /// The end of the sequence at which the layer begins.
  public var direction: Direction
  /// Whether each call begins with the final state of the call before.
  public var isStateful: Bool
  /// Whether a stateful layer uses its kept state even when a call gives an initial state, unless
  /// the kept state is all zeros (tf_keras/src/layers/rnn/base_rnn.py, `_process_inputs`).
  public var keptStateWins: Bool
  /// The output at a masked timestep.
  public var maskedOutput: MaskedOutput

  /// Makes a layer.
  ///
  /// No option has a default, because each option changes the results.
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
