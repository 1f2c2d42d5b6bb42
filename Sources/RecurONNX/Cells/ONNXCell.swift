import RecurModel
import RecurTensors

/// A sequence for a cell, `[batch, timesteps, width]`, and with what the cell begins.
struct ONNXSequenceCall {
  var x: ONNXValue
  /// How many timesteps count, `[batch]` in int32; nil for all.
  var lengths: ONNXValue?
  /// The initial states, `[batch, size]` each; empty for zeros.
  var initial: [ONNXValue]
  /// Whether the cell begins at the end.
  var isBackward: Bool
  /// Distinguishes the weights of cells of one layer: `forward`; empty for a single cell.
  var part: String
  /// The call of the layer.
  var call: ONNXLayerCall

  /// The name of a weight.
  func role(_ name: String) -> String { part.isEmpty ? name : "\(part).\(name)" }
}

/// What a cell makes of a sequence.
struct ONNXSequence {
  /// The outputs in the order of time, `[batch, timesteps, units]`; zeros behind the lengths.
  var outputs: ONNXValue
  /// The final states, `[batch, size]` each.
  var states: [ONNXValue]
}

/// A kind of cell that can be written, or refused by name.
protocol ONNXCell {
  /// The operator that is the cell; nil for a cell that is made of several.
  ///
  /// - Throws: `model.unrepresentable` for options that the operator does not have.
  func form(
    _ call: ONNXLayerCall
  ) throws(CheckpointError) -> ONNXRecurrentForm?

  /// Writes the cell over a sequence.
  ///
  /// - Throws: `model.unrepresentable`.
  func sequence(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXSequence
}

extension RecurrentWeights {
  /// The biases of all gates, one after the other.
  func packedBiases(_ layout: RecurrentLayout<Gate>) throws(CheckpointError) -> [Tensor] {
    switch bias {
    case .none: []
    case .single(let one): [try layout.pack(one)]
    case .split(let input, let recurrent): [try layout.pack(input), try layout.pack(recurrent)]
    }
  }
}
