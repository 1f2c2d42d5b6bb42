import RecurModel
import RecurTensors

extension Convolution: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    let (batch, timesteps, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let kernel = call.weights(kernel)
    let bias = bias.map { call.weights($0) }
    let (before, count) = padding.windows(
      timesteps: timesteps, span: span, stride: stride)
    let (inputs, size) = (channels / groups, kernelSize)
    let outputs = outputSize / groups
    var y = Values<Scalar>(shape: [batch, count, outputSize])
    for row in 0..<batch {
      for window in 0..<count {
        for output in 0..<outputSize {
          var sum = bias?[output] ?? 0
          for k in 0..<size {
            let t = window * stride + k * dilation - before
            guard t >= 0, t < timesteps else { continue }
            let start = (row * timesteps + t) * channels + output / outputs * inputs
            for c in 0..<inputs {
              sum += kernel[(output * inputs + c) * size + k] * x.elements[start + c]
            }
          }
          y.elements[(row * count + window) * outputSize + output] = sum
        }
      }
    }
    return [y.rounded(to: call.precision).activated(activation)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    let because = "its windows hold several timesteps, and it does not honour masks"
    guard call.x.axis == 1, call.x.batchAxis == 0 else { return flow.mixed(call.node, because) }
    let isPointwise = kernelSize == 1 && stride == 1
    let looksBack = padding == .causal && stride == 1
    return isPointwise || looksBack && flow.isPadded(at: .end, call.x)
      ? [call.x.changed] : flow.mixed(call.node, because)
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
