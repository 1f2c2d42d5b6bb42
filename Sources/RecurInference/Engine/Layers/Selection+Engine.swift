import RecurModel
import RecurTensors

extension Selection: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y, mask) = (call.x, call.y.buffer, call.mask)
    let (axis, extent) = (self.axis, x.shape[self.axis])
    let outer = x.shape[..<axis].reduce(1, *)
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    planner.act {
      for row in 0..<outer {
        var position = index < 0 ? index + extent : index
        if let mask {
          let counts = mask.buffer.part(row * mask.width, mask.width)
          position =
            (index < 0
              ? counts.indices.last { counts[$0] != 0 } : counts.indices.first { counts[$0] != 0 })
            ?? position
        }
        y.part(row * inner, inner).copy(x.buffer.part((row * extent + position) * inner, inner))
      }
    }
  }
}
