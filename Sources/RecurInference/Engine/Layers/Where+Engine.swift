import RecurModel
import RecurTensors

extension Where: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (all, y) = (planner.values(of: allOperands, call), call.y)
    let lines = StridedLines(
      y.shape,
      [rowMajorStrides(y.shape)] + all.map { repeatingStrides($0.shape, filling: y.shape) })
    let (condition, onTrue, onFalse) = (all[0].buffer, all[1].buffer, all[2].buffer)
    let steps = lines.steps
    planner.act(over: lines, of: [y.buffer] + all.map(\.buffer)) { start, count, _ in
      for i in 0..<count {
        let holds = condition[start[1] + i * steps[1]] != 0
        y.buffer[start[0] + i] =
          holds ? onTrue[start[2] + i * steps[2]] : onFalse[start[3] + i * steps[3]]
      }
    }
  }
}
