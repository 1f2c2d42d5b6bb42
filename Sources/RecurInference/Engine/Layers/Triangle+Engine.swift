import RecurModel
import RecurTensors

extension Triangle: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y, columns) = (call.x.buffer, call.y.buffer, call.x.width)
    let rows = call.x.shape[call.x.shape.count - 2]
    let (isLower, diagonal) = (isLower, diagonal)
    planner.act {
      y.copy(x)
      for index in y.indices {
        let distance = index % columns - index / columns % rows - diagonal
        if isLower ? distance > 0 : distance < 0 { y[index] = 0 }
      }
    }
  }
}
