import RecurModel
import RecurTensors

extension Clamp: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let least = minimum.map { Float($0) } ?? -.infinity
    let most = maximum.map { Float($0) } ?? .infinity
    planner.map(call.x.buffer, into: call.y.buffer) { x in
      let raised = x < least ? least : x
      return raised > most ? most : raised
    }
  }
}
