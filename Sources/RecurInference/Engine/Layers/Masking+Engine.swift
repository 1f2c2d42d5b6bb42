import RecurModel
import RecurTensors

extension Masking: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let value = value
    let (x, y, mask) = (call.x.buffer, call.outputs[0].buffer, call.outputs[1].buffer)
    let width = call.x.width
    planner.act {
      for row in mask.indices {
        let start = row * width
        let counts = (start..<start + width).contains { Double(x[$0]) != value }
        mask[row] = counts ? 1 : 0
        for index in start..<start + width { y[index] = x[index] * mask[row] }
      }
    }
  }
}
