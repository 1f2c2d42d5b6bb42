import RecurModel
import RecurTensors

extension ConvolutionalRecurrent: ReferenceLayer {
  func outputs<Scalar>(
    _ call: ReferenceForward<Scalar>.Call, in forward: inout ReferenceForward<Scalar>
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = call.x
    let (batch, timesteps) = (x.shape[0], x.shape[1])
    let own = GateMap<LSTMGate, _> { Loaded(inputConvolution($0), call) }
    let recurrent = GateMap<LSTMGate, _> { Loaded(stateConvolution($0), call) }
    var (h, c): (Values<Scalar>, Values<Scalar>)
    var outputs: [Values<Scalar>] = []
    (h, c) = (Values(shape: []), Values(shape: []))
    for position in 0..<timesteps {
      let frame = x.timestep(direction == .forward ? position : timesteps - 1 - position)
      let products = GateMap<LSTMGate, _> { own[$0].applied(to: frame) }
      if position == 0 {
        h = Values(shape: products[.input].shape)
        c = h
      }
      func gate(_ gate: LSTMGate, _ function: Activation) -> Values<Scalar> {
        products[gate].combined(with: recurrent[gate].applied(to: h), +)
          .rounded(to: call.precision).activated(function).rounded(to: call.precision)
      }
      let (i, f) = (gate(.input, recurrentActivation), gate(.forget, recurrentActivation))
      let (g, o) = (gate(.cell, activation), gate(.output, recurrentActivation))
      c = f.combined(with: c, *).combined(with: i.combined(with: g, *), +)
        .rounded(to: call.precision)
      h = o.combined(with: c.activated(activation), *).rounded(to: call.precision)
      if returnsSequence { outputs.append(h.reshaped([batch, 1] + h.shape.dropFirst())) }
    }
    guard timesteps > 0 else {
      throw CheckpointError(
        .inputLength, "'\(call.node.layerName)' needs at least one timestep",
        at: call.node.location, expected: "at least 1", found: "0")
    }
    return [returnsSequence ? Values.concatenated(outputs, axis: 1) : h]
      + (returnsState ? [h, c] : [])
  }

  func follow(_ call: TimestepFlow.Call, in flow: inout TimestepFlow) -> [TimestepFlow.Track]? {
    // Timesteps before the padding do not depend on the padding.
    guard call.x.axis == 1, call.x.batchAxis == 0, direction == .forward, returnsSequence,
      !returnsState, flow.isPadded(at: .end, call.x)
    else {
      return flow.mixed(call.node, "it reads the sequence as a whole, and does not honour masks")
    }
    return [call.x.changed]
  }

  func batchAxis(_ axis: Int) -> Int { axis }

  var endsMask: Bool { true }
}

/// A convolution with its weights loaded.
private struct Loaded<Scalar: ReferenceScalar>: Sendable {
  let layer: Convolution
  let kernel: [Scalar]
  let bias: [Scalar]?

  init(_ layer: Convolution, _ call: ReferenceForward<Scalar>.Call) {
    self.layer = layer
    kernel = call.weights(layer.kernel)
    bias = layer.bias.map { call.weights($0) }
  }

  func applied(to x: Values<Scalar>) -> Values<Scalar> { layer.sums(x, kernel, bias) }
}

extension Values {
  /// One timestep of `[batch, timesteps, …]`, as `[batch, …]`.
  fileprivate func timestep(_ t: Int) -> Values {
    let size = shape[2...].reduce(1, *)
    var frame = Values(shape: [shape[0]] + shape[2...], elements: [])
    for row in 0..<shape[0] {
      let start = (row * shape[1] + t) * size
      frame.elements += elements[start..<start + size]
    }
    return frame
  }
}
