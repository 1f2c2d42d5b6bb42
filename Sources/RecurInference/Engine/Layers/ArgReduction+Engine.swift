import RecurModel
import RecurTensors

extension ArgReduction: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let isMaximum = isMaximum
    planner.mapLines(call.x, axis: axis, into: call.y.buffer) { line, target, _ in
      var best = 0
      for index in line.indices
      where isMaximum ? line[index] > line[best] : line[index] < line[best] { best = index }
      target[0] = Float(best)
    }
  }
}
