import RecurModel
import RecurTensors

extension NotEqual: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let value = value
    let (x, y) = (call.x.buffer, call.y.buffer)
    planner.act { for index in x.indices { y[index] = Double(x[index]) != value ? 1 : 0 } }
  }
}
