import RecurModel
import RecurTensors

extension Binary: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let both = planner.values(of: allOperands, call)
    switch function {
    case .add: planner.combine(both[0], both[1], into: call.y) { $0 + $1 }
    case .subtract: planner.combine(both[0], both[1], into: call.y) { $0 - $1 }
    case .multiply: planner.combine(both[0], both[1], into: call.y) { $0 * $1 }
    case .divide: planner.combine(both[0], both[1], into: call.y) { $0 / $1 }
    default:
      // Quotients are rounded to whole numbers in Double, as in the reference.
      let exact: @Sendable (Double, Double) -> Double = function.reference()
      planner.combine(both[0], both[1], into: call.y, cost: 8) {
        Float(exact(Double($0), Double($1)))
      }
    }
  }
}
