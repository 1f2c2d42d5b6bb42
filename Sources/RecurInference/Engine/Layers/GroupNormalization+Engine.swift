import RecurModel
import RecurTensors

extension GroupNormalization: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedGroups(
      gamma: gamma?.doubles() ?? [Double](repeating: 1, count: width),
      beta: beta?.doubles() ?? [Double](repeating: 0, count: width), groups: groups,
      epsilon: epsilon)
  }
}

private struct PackedGroups: PlannedLayer {
  let gamma: [Double]
  let beta: [Double]
  let groups: Int
  let epsilon: Double

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (gamma, beta, groups, epsilon) = (gamma, beta, groups, epsilon)
    let (batch, size) = (call.x.shape[0], gamma.count / groups)
    let positions = call.x.buffer.count / max(batch * gamma.count, 1)
    planner.transform(
      call.x.reshaped([batch, positions, groups, size]), along: [1, 3], into: call.y.buffer, cost: 8
    ) { line, number in
      let count = Double(line.count)
      let mean = line.indices.reduce(0.0) { $0 + Double(line[$1]) } / count
      let variance =
        line.indices.reduce(0.0) { sum, index in
          let distance = Double(line[index]) - mean
          return sum + distance * distance
        } / count
      let scale = 1 / (variance + epsilon).squareRoot()
      let first = number % groups * size
      for index in line.indices {
        let channel = first + index % size
        let factor = scale * gamma[channel]
        line[index] = Float(Double(line[index]) * factor + (beta[channel] - mean * factor))
      }
    }
  }
}
