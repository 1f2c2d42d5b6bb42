import RecurModel
import RecurTensors

extension LayerNormalization: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedNormalization(gamma: gamma?.floats(), beta: beta?.floats(), epsilon: epsilon)
  }
}

private struct PackedNormalization: PlannedLayer {
  let gamma: [Float]?
  let beta: [Float]?
  let epsilon: Double

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (gamma, beta, epsilon) = (gamma, beta, epsilon)
    let (x, y, width) = (call.x.buffer, call.y.buffer, call.x.width)
    planner.act {
      for start in stride(from: 0, to: x.count, by: max(width, 1)) {
        let row = x.part(start, width)
        let mean = row.indices.reduce(0.0) { $0 + Double(row[$1]) } / Double(width)
        let variance =
          row.indices.reduce(0.0) { sum, index in
            let distance = Double(row[index]) - mean
            return sum + distance * distance
          } / Double(width)
        let scale = 1 / (variance + epsilon).squareRoot()
        for index in row.indices {
          let factor = scale * Double(gamma?[index] ?? 1)
          y[start + index] = Float(
            Double(row[index]) * factor + (Double(beta?[index] ?? 0) - mean * factor))
        }
      }
    }
  }
}
