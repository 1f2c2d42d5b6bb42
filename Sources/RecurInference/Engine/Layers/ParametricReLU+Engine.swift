import RecurModel
import RecurTensors

extension ParametricReLU: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedRectifier(alpha: FloatMemory(alpha.floats()), shape: alpha.shape)
  }
}

private struct PackedRectifier: PlannedLayer {
  let alpha: FloatMemory
  let shape: [Int]

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (alpha, x, y) = (alpha, call.x, call.y)
    let slopes = [1] + shape
    planner.act {
      y.buffer.copy(x.buffer)
      y.combine(alpha.buffer, of: slopes) { $0 > 0 ? $0 : $1 * $0 }
    }
  }
}
