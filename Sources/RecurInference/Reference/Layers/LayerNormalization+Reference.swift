import RecurModel
import RecurTensors

extension LayerNormalization: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let (gamma, beta) = (gamma.map { call.weights($0) }, beta.map { call.weights($0) })
    let y = call.x.mapRows(width: call.x.width) { row in
      let count = Scalar(row.count)
      let mean = row.reduce(0, +) / count
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      let scale = 1 / (variance + Scalar(epsilon)).squareRoot()
      return row.indices.map {
        let factor = scale * (gamma?[$0] ?? 1)
        return row[$0] * factor + ((beta?[$0] ?? 0) - mean * factor)
      }
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.isLast(call.x, call.node) ? flow.mixed(call.node) : [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
