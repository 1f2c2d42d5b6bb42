import RecurModel
import RecurTensors

extension RootMeanSquareNormalization: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedRootMeanSquare(
      gamma: gamma?.doubles() ?? [Double](repeating: 1, count: width), epsilon: epsilon)
  }
}

private struct PackedRootMeanSquare: PlannedLayer {
  let gamma: [Double]
  let epsilon: Double

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (gamma, epsilon) = (gamma, epsilon)
    planner.transform(
      call.x, along: [call.x.shape.count - 1], into: call.y.buffer, cost: 4
    ) { line, _ in
      let squares = line.indices.reduce(0.0) { $0 + Double(line[$1]) * Double(line[$1]) }
      let scale = 1 / (squares / Double(line.count) + epsilon).squareRoot()
      for index in line.indices { line[index] = Float(Double(line[index]) * scale * gamma[index]) }
    }
  }
}
