import RecurModel
import RecurTensors

extension Dense: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let kernel = call.weights(kernel)
    let bias = bias.map { call.weights($0) }
    let y = call.x.mapRows(width: outputSize) { row in
      (0..<outputSize).map { (bias?[$0] ?? 0) + dot(kernel, row: $0, row) }
    }
    return [y.rounded(to: call.precision).activated(activation)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.isLast(call.x, call.node) ? flow.mixed(call.node) : [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
