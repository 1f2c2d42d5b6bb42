import RecurModel
import RecurTensors

extension Unary: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y) = (call.x.buffer, call.y.buffer)
    switch self {
    case .square: planner.map(x, into: y) { $0 * $0 }
    case .absolute: planner.map(x, into: y) { $0.magnitude }
    case .negative: planner.map(x, into: y) { -$0 }
    case .squareRoot: planner.map(x, into: y) { $0.squareRoot() }
    case .reciprocal: planner.map(x, into: y) { 1 / $0 }
    default: planner.map(x, into: y, cost: 16) { Float(self.applied(Double($0))) }
    }
  }
}
