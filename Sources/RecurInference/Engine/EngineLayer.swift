import RecurModel
import RecurTensors

/// A kind of layer for which the engine has its own float32 code.
protocol EngineLayer: Sendable {
  /// The layer's engine form, with packed weights and resolved options.
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer
}

/// A layer that can be planned for inputs of any shape.
protocol PlannedLayer: Sendable {
  /// Whether the output is the input with another shape, so that a run does nothing.
  var isAlias: Bool { get }

  /// Plans the work of the layer in a run.
  ///
  /// All decisions that depend on the kind are made here; a run only follows addresses and loops.
  ///
  /// - Throws: `state.batch` for a layer whose nodes have different batch sizes.
  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError)
}

/// A kind of cell with a kernel.
protocol EngineCell: Sendable {
  /// The cell with packed weights; a stack gives one cell per level, from the bottom to the top.
  func packed(_ packing: inout LayerPacking) -> [PackedCell]
}

/// A layer whose output is its input with another shape.
struct Alias: PlannedLayer {
  var isAlias: Bool { true }

  func plan(_ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call) {}
}

extension Model.Node {
  /// The layer's engine form; nil when the reference's code runs the layer in Float.
  ///
  /// Those are layers in 16 bits, which round after each operation, and layers without an engine
  /// form.
  var engineLayer: (any EngineLayer)? { precision.isHalfWidthFloat ? nil : layer.engine }
}
