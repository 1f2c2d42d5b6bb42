import RecurModel
import RecurTensors

extension BatchNormalization: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let (gamma, beta) = (gamma.map { call.weights($0) }, beta.map { call.weights($0) })
    let mean = Values<Scalar>(movingMean).elements
    let variance = Values<Scalar>(movingVariance).elements
    let y = call.x.mapRows(width: call.x.width) { row in
      row.indices.map { index in
        let scale = (gamma?[index] ?? 1) / (variance[index] + Scalar(epsilon)).squareRoot()
        // The order of operations is that of both frameworks, so that the same digits cancel.
        return row[index] * scale + ((beta?[index] ?? 0) - mean[index] * scale)
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
