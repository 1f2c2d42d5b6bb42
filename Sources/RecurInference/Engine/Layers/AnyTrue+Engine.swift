import RecurModel
import RecurTensors

extension AnyTrue: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (x, y, shape) = (call.x.buffer, call.y.buffer, call.x.shape)
    let position = axis < 0 ? axis + shape.count : axis
    let inner = shape[(position + 1)...].reduce(1, *)
    let extent = shape[position]
    planner.act {
      y.fill(0)
      for index in x.indices where x[index] != 0 {
        y[index / (inner * extent) * inner + index % inner] = 1
      }
    }
  }
}
