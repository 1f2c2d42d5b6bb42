import RecurTensors

/// What a recurrent layer puts out under each combination of `return_sequences` and
/// `return_state`.
///
/// An LSTM gives 1 or 3 arrays, GRU and RNN 1 or 2; a bidirectional layer puts the states of the
/// forward layer and then those of the backward layer behind its output: 5 arrays for LSTM
/// (keras/src/layers/rnn/bidirectional.py, `call`).
public struct ReturnedShapes: Sendable {
  /// One combination.
  public struct Combination: Sendable {
    /// Whether every timestep is put out.
    public let returnsSequence: Bool
    /// Whether the last states are put out too.
    public let returnsState: Bool
    /// Every output, in order.
    public let outputs: [[Dimension]]
    /// Whether this is how the model has it.
    public let isCurrent: Bool
  }

  /// The name of the layer.
  public let layer: String
  /// All four.
  public let combinations: [Combination]
  /// As the model has it.
  public var current: Combination? { combinations.first(where: \.isCurrent) }
}

extension Model {
  /// What every recurrent layer would put out, for inputs as `shapes` were inferred from.
  public func returnedShapes(_ shapes: ModelShapes) -> [ReturnedShapes] {
    nodes.compactMap { node in
      guard let input = node.inputs.first, let x = shapes[input],
        let isNow = node.layer.returns
      else { return nil }
      var combinations: [ReturnedShapes.Combination] = []
      for sequence in [false, true] {
        for state in [false, true] {
          let layer = node.layer.returning(sequence: sequence, state: state)
          guard let outputs = try? layer.outputShapes([x], named: node.layerName) else {
            return nil
          }
          combinations.append(
            ReturnedShapes.Combination(
              returnsSequence: sequence, returnsState: state, outputs: outputs,
              isCurrent: isNow == (sequence, state)))
        }
      }
      return ReturnedShapes(layer: node.layerName, combinations: combinations)
    }
  }
}
