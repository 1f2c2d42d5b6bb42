import RecurModel
import RecurTensors

extension Standardization: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let mean = call.weights(mean)
    let deviation = call.weights(variance).map {
      max($0.squareRoot(), Scalar(Standardization.epsilon))
    }
    let y = call.x.mapRows(width: call.x.width) { row in
      row.indices.map { index in
        let (shift, size) = (
          mean[width == nil ? 0 : index], deviation[width == nil ? 0 : index]
        )
        return isInverse ? shift + row[index] * size : (row[index] - shift) / size
      }
    }
    return [y]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.isLast(call.x, call.node) ? flow.mixed(call.node) : [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
