import RecurModel
import RecurTensors

extension Casting: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { type == .float32 || type == .float64 }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y, type) = (call.x.buffer, call.y.buffer, type)
    if type == .bool {
      planner.map(x, into: y) { $0 != 0 ? 1 : 0 }
    } else if type.isHalfWidthFloat {
      planner.map(x, into: y, cost: 8) { Float(type.rounded(Double($0))) }
    } else if type.isFloatingPoint {
      planner.map(x, into: y) { $0 }
    } else {
      planner.map(x, into: y) { $0.rounded(.towardZero) }
    }
  }
}
