import RecurModel
import RecurTensors

extension LSTM: ONNXUnrolledCell {
  func form(_ call: ONNXLayerCall) throws(CheckpointError) -> ONNXRecurrentForm? {
    guard projection == nil else { return nil }
    var form = try ONNXRecurrentForm(
      "LSTM", units: units, weights: weights, layout: ONNXLayouts.lstm,
      activations: [recurrentActivation, activation, outputActivation ?? activation], call)
    if let peepholes {
      form.peepholes = try .joined(
        [peepholes.input, peepholes.output, peepholes.forget], axis: 0)
    }
    return form
  }

  func sequence(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXSequence {
    do throws(CheckpointError) {
      if let form = try form(own.call) { return try graph.recurrent(form, own) }
      return try projected(own, &graph)
    } catch {
      return try unrolled(own, &graph, because: error)
    }
  }

  /// A cell with a projection P as one without: its h is o ⊙ φ(c), its U is U·P, and P is applied to
  /// all of its outputs.
  private func projected(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXSequence {
    guard let projection else { throw own.call.unrepresentable("has no projection") }
    guard own.initial.isEmpty else {
      throw own.call.unrepresentable(
        "begins with a state that it has projected, which ONNX' LSTM can't")
    }
    var plain = self
    plain.projection = nil
    plain.weights.recurrentKernel = try GateMap { (gate) throws(CheckpointError) in
      try weights.recurrentKernel[gate].product(with: projection)
    }
    graph.isRounded = true
    guard let form = try plain.form(own.call) else {
      throw own.call.unrepresentable("has no operator in ONNX")
    }
    let whole = try graph.recurrent(form, own)
    let kernel = graph.weight(
      projection.transposed(), own.role("projection"), as: own.call.type)
    return ONNXSequence(
      outputs: graph.product(whole.outputs, kernel),
      states: [graph.product(whole.states[0], kernel), whole.states[1]])
  }

  func products(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXValue {
    graph.linear(
      own.x, try ONNXLayouts.lstm.pack(weights.kernel), try weights.packedBiases(ONNXLayouts.lstm),
      "kernel", own)
  }

  func step(
    _ products: ONNXValue, _ states: [ONNXValue?], _ own: ONNXSequenceCall,
    _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let (h, c) = (states.first ?? nil, states.last ?? nil)
    var sums = products
    if let h {
      let kernel = try ONNXLayouts.lstm.pack(weights.recurrentKernel)
      sums = graph.add(sums, graph.linear(h, kernel, [], "recurrent_kernel", own))
    }
    let parts = graph.split(sums, axis: 1, sizes: [units, units, units, units])
    func gate(
      _ gate: LSTMGate, _ cell: ONNXValue? = nil, _ peephole: Tensor? = nil
    ) throws(CheckpointError) -> ONNXValue {
      let index = ONNXLayouts.lstm.gateOrder.firstIndex(of: gate) ?? 0
      var sum = parts[index]
      if let cell, let peephole {
        let weights = graph.weight(peephole, own.role("peephole.\(gate)"), as: own.call.type)
        sum = graph.add(sum, graph.multiply(cell, weights))
      }
      return try graph.activated(
        sum, gate == .cell ? activation : recurrentActivation, own.call)
    }
    let new = graph.multiply(try gate(.input, c, peepholes?.input), try gate(.cell))
    var next = new
    if let c {
      next = graph.add(graph.multiply(try gate(.forget, c, peepholes?.forget), c), new)
    }
    let shown = try graph.activated(next, outputActivation ?? activation, own.call)
    var output = graph.multiply(try gate(.output, next, peepholes?.output), shown)
    if let projection { output = graph.linear(output, projection, [], "projection", own) }
    return [output, next]
  }
}

extension Tensor {
  /// The product of two matrices, computed in Double and rounded once.
  fileprivate func product(with other: Tensor) throws(CheckpointError) -> Tensor {
    let (rows, inner, columns) = (shape[0], shape[1], other.shape[1])
    let (one, two) = (doubles(), other.doubles())
    var result = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for index in 0..<inner {
        let factor = one[row * inner + index]
        for column in 0..<columns {
          result[row * columns + column] += factor * two[index * columns + column]
        }
      }
    }
    return try Tensor.numbers(result, elementType, shape: [rows, columns])
  }
}
