import RecurModel
import RecurTensors

extension Activation: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    planner.activate(call.x.buffer, width: call.x.width, self, into: call.y.buffer)
  }
}
