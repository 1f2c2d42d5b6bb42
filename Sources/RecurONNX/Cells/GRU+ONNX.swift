import RecurModel
import RecurTensors

extension GRU: ONNXUnrolledCell {
  func form(_ call: ONNXLayerCall) throws(CheckpointError) -> ONNXRecurrentForm? {
    var form = try ONNXRecurrentForm(
      "GRU", units: units, weights: weights, layout: ONNXLayouts.gru,
      activations: [recurrentActivation, activation], call)
    form.isLinearBeforeReset = resetPlacement == .afterProduct
    return form
  }

  func products(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXValue {
    var biases = try weights.packedBiases(ONNXLayouts.gru)
    // The second bias of the candidate passes the reset gate.
    if resetPlacement == .afterProduct { biases = Array(biases.prefix(1)) }
    return graph.linear(own.x, try ONNXLayouts.gru.pack(weights.kernel), biases, "kernel", own)
  }

  func step(
    _ products: ONNXValue, _ states: [ONNXValue?], _ own: ONNXSequenceCall,
    _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let (h, sizes) = (states.first ?? nil, [units, units, units])
    let x = graph.split(products, axis: 1, sizes: sizes)
    func rho(_ sum: ONNXValue) throws(CheckpointError) -> ONNXValue {
      try graph.activated(sum, recurrentActivation, own.call)
    }
    let (z, candidate): (ONNXValue, ONNXValue)
    switch resetPlacement {
    case .beforeProduct:
      var sums = Array(x.prefix(2))
      var inner = x[2]
      if let h {
        func product(_ gate: GRUGate, _ value: ONNXValue) -> ONNXValue {
          graph.linear(
            value, weights.recurrentKernel[gate], [], "recurrent_kernel.\(gate)", own)
        }
        sums = [
          graph.add(sums[0], product(.update, h)), graph.add(sums[1], product(.reset, h)),
        ]
        inner = graph.add(inner, product(.candidate, graph.multiply(try rho(sums[1]), h)))
      }
      (z, candidate) = (try rho(sums[0]), try graph.activated(inner, activation, own.call))
    case .afterProduct:
      let kernel = try ONNXLayouts.gru.pack(weights.recurrentKernel)
      let biases = Array(try weights.packedBiases(ONNXLayouts.gru).dropFirst())
      // Without a state, a row of zeros in place of the product.
      let state =
        h ?? graph.numbers([Double](repeating: 0, count: units), own.call.type, shape: [1, units])
      let u = graph.split(
        graph.linear(state, kernel, biases, "recurrent_kernel", own), axis: 1, sizes: sizes)
      let r = try rho(graph.add(x[1], u[1]))
      z = try rho(graph.add(x[0], u[0]))
      candidate = try graph.activated(
        graph.add(x[2], graph.multiply(r, u[2])), activation, own.call)
    }
    let rest = graph.multiply(graph.subtract(graph.number(1, z.type), z), candidate)
    return [h.map { graph.add(graph.multiply(z, $0), rest) } ?? rest]
  }
}
