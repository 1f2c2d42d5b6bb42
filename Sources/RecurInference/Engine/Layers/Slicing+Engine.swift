import RecurModel
import RecurTensors

extension Slicing: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    var (strides, start) = (rowMajorStrides(call.x.shape), 0)
    for part in parts {
      start += part.positions(in: call.x.shape[part.axis]).first * strides[part.axis]
      strides[part.axis] *= part.step
    }
    planner.gather(call.x.buffer, from: start, strides: strides, into: call.y)
  }
}
