import RecurModel
import RecurTensors

extension Convolution: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let sums = sums(call.x, call.weights(kernel), bias.map { call.weights($0) })
    return [sums.rounded(to: call.precision).activated(activation)]
  }

  /// W∗x + b, with the numbers of W and b.
  func sums<Scalar>(
    _ x: Values<Scalar>, _ kernel: [Scalar], _ bias: [Scalar]?
  ) -> Values<Scalar> {
    let windows = windows
    let grid = WindowGrid(windows, over: Array(x.shape[1...windows.count]))
    let (batch, channels) = (x.shape[0], x.width)
    let (inputs, size) = (channels / groups, kernelSizes.reduce(1, *))
    let outputs = outputSize / groups
    var y = Values<Scalar>(shape: [batch] + grid.counts + [outputSize])
    for window in 0..<grid.count {
      let places = grid.places(of: window)
      for row in 0..<batch {
        for output in 0..<outputSize {
          var sum = bias?[output] ?? 0
          for place in places {
            let start =
              (row * grid.positionCount + place.position) * channels + output / outputs * inputs
            for c in 0..<inputs {
              sum += kernel[(output * inputs + c) * size + place.element] * x.elements[start + c]
            }
          }
          y.elements[(row * grid.count + window) * outputSize + output] = sum
        }
      }
    }
    return y
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    let because = "its windows hold several timesteps, and it does not honour masks"
    guard call.x.axis == 1, call.x.batchAxis == 0 else { return flow.mixed(call.node, because) }
    // Timesteps are the first of the axes; what windows do along the others keeps them apart.
    let steps = windows[0]
    let isPointwise = steps.span == 1 && steps.stride == 1
    let looksBack = steps.padding == .causal && steps.stride == 1
    return isPointwise || looksBack && flow.isPadded(at: .end, call.x)
      ? [call.x.changed] : flow.mixed(call.node, because)
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
