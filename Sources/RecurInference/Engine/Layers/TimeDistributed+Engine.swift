import RecurModel
import RecurTensors

extension TimeDistributed {
  /// The layer's engine form; nil when the inner layer has no engine form.
  var engine: (any EngineLayer)? { inner.engine.map { EngineTimesteps(inner: $0) } }
}

/// A layer applied to each timestep separately.
private struct EngineTimesteps: EngineLayer {
  let inner: any EngineLayer

  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedTimesteps(inner: inner.packed(&packing))
  }
}

private struct PackedTimesteps: PlannedLayer {
  let inner: any PlannedLayer

  var isAlias: Bool { inner.isAlias }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    // Merges batch and timesteps: each timestep is a sequence of the inner layer's batch.
    func merged(_ value: Workspace.Value) -> Workspace.Value {
      value.reshaped([value.shape[0] * value.shape[1]] + value.shape.dropFirst(2))
    }
    var own = call
    own.inputs = call.inputs.map(merged)
    own.outputs = call.outputs.map(merged)
    own.mask = nil
    try inner.plan(&planner, own)
  }
}
