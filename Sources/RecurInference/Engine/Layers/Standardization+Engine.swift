import RecurModel
import RecurTensors

extension Standardization: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedStandardization(
      mean: mean.floats(),
      deviation: variance.doubles().map {
        Float(max($0.squareRoot(), Standardization.epsilon))
      }, isInverse: isInverse)
  }
}

private struct PackedStandardization: PlannedLayer {
  let mean: [Float]
  let deviation: [Float]
  let isInverse: Bool

  var isAlias: Bool { false }

  func plan(
    _ planner: inout WorkspacePlanner, _ call: WorkspacePlanner.Call
  ) throws(CheckpointError) {
    let (mean, deviation, isInverse) = (mean, deviation, isInverse)
    let (x, y, width) = (call.x.buffer, call.y.buffer, call.x.width)
    planner.act {
      for index in x.indices {
        let position = mean.count == 1 ? 0 : index % width
        y[index] =
          isInverse
          ? mean[position] + x[index] * deviation[position]
          : (x[index] - mean[position]) / deviation[position]
      }
    }
  }
}
