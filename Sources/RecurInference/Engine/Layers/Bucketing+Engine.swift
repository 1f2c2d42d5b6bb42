import RecurModel
import RecurTensors

extension Bucketing: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let limits = boundaries.map { Float($0) }.sorted()
    planner.map(call.x.buffer, into: call.y.buffer, cost: 16) { x in
      var (low, high) = (0, limits.count)
      while low < high {
        let middle = (low + high) / 2
        if limits[middle] <= x { low = middle + 1 } else { high = middle }
      }
      return Float(low)
    }
  }
}
