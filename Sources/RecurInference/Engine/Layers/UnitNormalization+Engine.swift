import RecurModel
import RecurTensors

extension UnitNormalization: EngineLayer, PlannedLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { self }

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let epsilon = epsilon
    planner.transform(
      call.x, along: axes(ofRank: call.x.shape.count) ?? [], into: call.y.buffer, cost: 4
    ) { line, _ in
      let sum = line.indices.reduce(0.0) { $0 + Double(line[$1]) * Double(line[$1]) }
      let norm = maximum(sum.squareRoot(), epsilon)
      for index in line.indices { line[index] = Float(Double(line[index]) / norm) }
    }
  }
}
