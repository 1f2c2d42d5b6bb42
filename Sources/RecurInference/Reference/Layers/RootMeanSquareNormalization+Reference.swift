import RecurModel
import RecurTensors

extension RootMeanSquareNormalization: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let gamma = gamma.map { call.weights($0) }
    let y = call.x.mapRows(width: call.x.width) { row in
      let mean = row.reduce(0) { $0 + $1 * $1 } / Scalar(row.count)
      let scale = 1 / (mean + Scalar(epsilon)).squareRoot()
      return row.indices.map { row[$0] * scale * (gamma?[$0] ?? 1) }
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.isLast(call.x, call.node) ? flow.mixed(call.node) : [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
