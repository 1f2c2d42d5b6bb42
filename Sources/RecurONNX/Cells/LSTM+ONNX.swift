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
    guard !isLimited else {
      throw own.call.unrepresentable("keeps its cell or its projection within a limit")
    }
    do throws(CheckpointError) {
      if let form = try form(own.call) { return try graph.recurrent(form, own) }
      return try projected(own, &graph)
    } catch {
      return try unrolled(own, &graph, because: error)
    }
  }

  /// A cell with a projection P as one without: its h is o ⊙ φ(c), its U is U·P, and P is applied to
  /// all of its outputs.
  ///
  /// A first state is a projected one. It enters as a part of the first input, with U for weights.
  private func projected(
    _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXSequence {
    guard let projection else { throw own.call.unrepresentable("has no projection") }
    var (plain, inner) = (self, own)
    plain.projection = nil
    plain.weights.recurrentKernel = try GateMap { (gate) throws(CheckpointError) in
      try weights.recurrentKernel[gate].product(with: projection)
    }
    if let h = own.initial.first {
      // U·h of the first timestep, with h as a part of its input.
      inner.x = try first(h, own, &graph)
      inner.initial = [graph.zeros(of: own.initial[1]), own.initial[1]]
      plain.inputSize = inputSize + outputSize
      plain.weights.kernel = try GateMap { (gate) throws(CheckpointError) in
        try .joined([weights.kernel[gate], weights.recurrentKernel[gate]], axis: 1)
      }
    }
    graph.isRounded = true
    guard let form = try plain.form(own.call) else {
      throw own.call.unrepresentable("has no operator in ONNX")
    }
    let whole = try graph.recurrent(form, inner)
    let kernel = graph.weight(
      projection.transposed(), own.role("projection"), as: own.call.type)
    return ONNXSequence(
      outputs: graph.product(whole.outputs, kernel),
      states: [graph.product(whole.states[0], kernel), whole.states[1]])
  }

  /// x with a state beside the first timestep that is processed, and zeros beside the others.
  private func first(
    _ h: ONNXValue, _ own: ONNXSequenceCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> ONNXValue {
    guard !own.isBackward || own.lengths == nil else {
      throw own.call.unrepresentable("begins with a state where sequences end, after a projection")
    }
    let x = graph.cast(own.x, to: own.call.type)
    let others = graph.sliced(
      x, [own.isBackward ? .init(axis: 1, stop: -1) : .init(axis: 1, start: 1)])
    // No number is less than itself, so these are zeros whatever x holds.
    let none = graph.any(graph.compare("Less", others, others), axes: [2], keepsAxes: true)
    let ones = [Double](repeating: 1, count: outputSize)
    let zeros = graph.multiply(
      graph.cast(none, to: own.call.type),
      graph.numbers(ones, own.call.type, shape: [outputSize]))
    let state = graph.insertingAxes(h, [1])
    let beside = graph.concatenated(own.isBackward ? [zeros, state] : [state, zeros], axis: 1)
    return graph.concatenated([x, beside], axis: 2)
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
