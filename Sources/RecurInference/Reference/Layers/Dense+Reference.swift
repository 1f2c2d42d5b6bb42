import RecurModel
import RecurTensors

extension Dense: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let kernel = call.weights(kernel)
    let bias = bias.map { call.weights($0) }
    let rows = call.x.shape.dropLast().reduce(1, *)
    var y = Values(
      shape: call.x.shape.dropLast() + [outputSize],
      elements: Scalar.products(kernel, outputs: outputSize, call.x.elements, rows: rows))
    if let bias {
      for index in y.elements.indices {
        y.elements[index] = bias[index % outputSize] + y.elements[index]
      }
    }
    return [y.rounded(to: call.precision).activated(activation)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.isLast(call.x, call.node) ? flow.mixed(call.node) : [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { false }
}
