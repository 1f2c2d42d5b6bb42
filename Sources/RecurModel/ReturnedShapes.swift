import RecurTensors

/// The outputs of a recurrent layer under each combination of `return_sequences` and
/// `return_state`.
///
/// An LSTM returns 1 or 3 arrays, a GRU or RNN 1 or 2. A bidirectional layer returns its output,
/// the states of the forward layer and then the states of the backward layer: 5 arrays for LSTM
/// (keras/src/layers/rnn/bidirectional.py, `call`).
public struct ReturnedShapes: Sendable {
  /// One combination.
  public struct Combination: Sendable {
    /// Whether every timestep is returned.
    public let returnsSequence: Bool
    /// Whether the final states are returned too.
    public let returnsState: Bool
    /// The shapes of all outputs, in order.
    public let outputs: [[Dimension]]
    /// Whether the model has this combination.
    public let isCurrent: Bool
  }

  /// The name of the layer.
  public let layer: String
  /// All four combinations.
  public let combinations: [Combination]
  /// The combination that the model has.
  public var current: Combination? { combinations.first(where: \.isCurrent) }
}

extension Model {
  /// The possible outputs of every recurrent layer, for the model inputs from which `shapes` were
  /// inferred.
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
