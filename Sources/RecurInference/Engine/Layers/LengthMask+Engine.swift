import RecurModel
import RecurTensors

extension LengthMask: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (lengths, y, node) = (call.inputs[1].buffer, call.y.buffer, call.step.node)
    let timesteps = call.x.shape[1]
    planner.act { () throws(CheckpointError) in
      for row in lengths.indices {
        let length = lengths[row]
        guard length >= 1, length <= Float(timesteps), length.rounded(.towardZero) == length else {
          throw .length("\(Double(length))", row: row, timesteps, node)
        }
        for t in 0..<timesteps { y[row * timesteps + t] = t < Int(length) ? 1 : 0 }
      }
    }
  }
}
