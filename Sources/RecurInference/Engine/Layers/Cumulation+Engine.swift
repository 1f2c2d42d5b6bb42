import RecurModel
import RecurTensors

extension Cumulation: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (isSum, isReversed, isExclusive) = (function == .sum, isReversed, isExclusive)
    planner.mapLines(call.x, axis: axis, into: call.y.buffer) { line, target, _ in
      var total = isSum ? 0.0 : 1
      for index in line.indices {
        let place = isReversed ? line.count - 1 - index : index
        let (before, element) = (total, Double(line[place]))
        total = isSum ? total + element : total * element
        target[place] = Float(isExclusive ? before : total)
      }
    }
  }
}
