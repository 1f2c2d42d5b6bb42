import RecurModel
import RecurTensors

extension Repetition: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let extent = call.x.shape[axis]
    let places = (0..<extent * count).map { isWhole ? $0 % extent : $0 / count }
    planner.choose(call.x, axis: axis, places, into: call.y.buffer)
  }
}
