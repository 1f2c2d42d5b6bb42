import RecurModel
import RecurTensors

extension Scaling: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let y = call.x.mapRows(width: call.x.width) { row in
      row.indices.map {
        row[$0] * Scalar(scale[scale.count == 1 ? 0 : $0])
          + Scalar(offset[offset.count == 1 ? 0 : $0])
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
