import RecurModel
import RecurTensors

/// A sequence for a cell, `[timesteps, batch, width]`, and with what the cell begins.
struct CoreMLSequenceCall {
  var x: MILWritten
  /// The first states, `[batch, units]` each.
  var initial: [MILWritten]
  /// Distinguishes the weights of cells of one layer: `forward`; empty for a single cell.
  var part: String
  var call: CoreMLLayerCall

  /// The name of a weight.
  func role(_ name: String) -> String { part.isEmpty ? name : "\(part)_\(name)" }
}

/// What a cell makes of a sequence: all outputs, `[timesteps, batch, units]`, and the last states.
struct CoreMLWrittenSequence {
  var outputs: MILWritten
  var states: [MILWritten]
}

/// A kind of cell that can be written, or refused by name.
protocol CoreMLCell {
  /// The cell as an operation of its own; nil when it has to be written in steps.
  ///
  /// - Throws: `model.unrepresentable`.
  func operation(_ call: CoreMLLayerCall) throws(CheckpointError) -> CoreMLRecurrentForm?

  /// The states after a timestep, the first of which is the output.
  ///
  /// `x` is one timestep, `[batch, width]`.
  ///
  /// - Throws: `model.unrepresentable`.
  func step(
    _ x: MILWritten, _ states: [MILWritten], _ own: CoreMLSequenceCall,
    _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten]
}

/// Cells one above the other in one layer, which are not written.
struct CoreMLStackedCells: CoreMLCell {
  func operation(_ call: CoreMLLayerCall) throws(CheckpointError) -> CoreMLRecurrentForm? {
    throw call.unrepresentable("stacks cells, and Core ML has layers of one cell")
  }

  func step(
    _ x: MILWritten, _ states: [MILWritten], _ own: CoreMLSequenceCall,
    _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] { [] }
}
