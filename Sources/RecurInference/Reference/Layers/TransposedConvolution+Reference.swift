import RecurModel
import RecurTensors

extension TransposedConvolution: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let (x, windows) = (call.x, windows)
    let kernel = call.weights(kernel)
    let bias = bias.map { call.weights($0) }
    // The windows lie over the result; there is one for each position of the input.
    let counts = Array(x.shape[1...windows.count])
    let extents = windows.indices.map { axis in
      (counts[axis] - 1) * windows[axis].stride + windows[axis].span - cuts[axis].total
    }
    let grid = WindowGrid(windows, over: extents, counts: counts)
    let (batch, channels) = (x.shape[0], x.width)
    let (size, outputs) = (kernelSizes.reduce(1, *), outputSize / groups)
    let inputs = channels / groups
    var y = Values<Scalar>(shape: [batch] + extents + [outputSize])
    if let bias { for index in y.elements.indices { y.elements[index] = bias[index % outputSize] } }
    for window in 0..<grid.count {
      let places = grid.places(of: window)
      for row in 0..<batch {
        let source = (row * grid.count + window) * channels
        for place in places {
          let target = (row * grid.positionCount + place.position) * outputSize
          for c in 0..<channels {
            let group = c / inputs * outputs
            for o in 0..<outputs {
              y.elements[target + group + o] +=
                kernel[(c * outputs + o) * size + place.element] * x.elements[source + c]
            }
          }
        }
      }
    }
    return [y.rounded(to: call.precision).activated(activation)]
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    flow.mixed(call.node, "its windows spread timesteps, and it does not honour masks")
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}
