import RecurModel
import RecurTensors

/// A kind of layer that the engine runs in float32 with code of its own.
protocol EngineLayer: Sendable {
  /// The layer as the engine runs it: its weights packed, its options resolved.
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer
}

/// A layer ready to be planned for inputs of any shapes.
protocol PlannedLayer: Sendable {
  /// Whether the output is the input under another shape: nothing is done then.
  var isAlias: Bool { get }

  /// Plans what the layer does in a run.
  ///
  /// Whatever depends on the kind is decided here: a run finds its addresses and loops resolved.
  /// - Throws: `state.batch` for a layer whose nodes have batches of different sizes.
  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError)
}

/// A kind of cell that has a kernel.
protocol EngineCell: Sendable {
  /// The cell with its weights packed: one, or those of a stack from the bottom to the top.
  func packed(_ packing: inout LayerPacking) -> [PackedCell]
}

/// A layer whose output is its input under another shape.
struct Alias: PlannedLayer {
  var isAlias: Bool { true }

  func plan(_ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call) {}
}

extension Model.Node {
  /// The layer as the engine runs it; nil where the reference's code computes it, in Float: layers in
  /// 16 bits, which round after each operation, and those the engine has no form for.
  var engineLayer: (any EngineLayer)? { precision.isHalfWidthFloat ? nil : layer.engine }
}
