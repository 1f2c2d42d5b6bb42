import RecurModel
import RecurTensors

extension OneHot: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let shape = call.x.shape[..<axis] + [1] + call.x.shape[axis...]
    planner.mapLines(
      call.x.reshaped(Array(shape)), axis: axis, into: call.y.buffer
    ) { line, target, _ in
      for index in target.indices { target[index] = line[0] == Float(index) ? 1 : 0 }
    }
  }
}
