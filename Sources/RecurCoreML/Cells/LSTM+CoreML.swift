import RecurModel
import RecurTensors

extension LSTM: CoreMLCell {
  func operation(_ call: CoreMLLayerCall) throws(CheckpointError) -> CoreMLRecurrentForm? {
    guard projection == nil, projectionLimit == nil else {
      throw call.unrepresentable("projects its output, which no operation of Core ML does")
    }
    let shown = outputActivation ?? activation
    guard let gates = CoreMLRecurrentForm.name(of: recurrentActivation),
      let candidate = CoreMLRecurrentForm.name(of: activation),
      let output = CoreMLRecurrentForm.name(of: shown)
    else {
      guard peepholes == nil, cellLimit == nil else {
        throw call.unrepresentable(
          "has peepholes or a limit and a function that Core ML's lstm does not have")
      }
      return nil
    }
    var form = try CoreMLRecurrentForm(
      "lstm", units: units, weights: weights, layout: CoreMLLayouts.lstm,
      functions: [
        ("recurrent_activation", gates), ("cell_activation", candidate), ("activation", output),
      ])
    form.clip = cellLimit
    if let peepholes {
      form.peepholes = try .joined(
        [peepholes.input, peepholes.forget, peepholes.output], axis: 0)
    }
    return form
  }

  func step(
    _ x: MILWritten, _ states: [MILWritten], _ own: CoreMLSequenceCall,
    _ graph: inout MILGraphWriter
  ) throws(CheckpointError) -> [MILWritten] {
    let (inputs, recurrent) = try weights.biases(CoreMLLayouts.lstm)
    let sums = graph.add(
      graph.gates(x, try CoreMLLayouts.lstm.pack(weights.kernel), inputs, "weight_ih", own),
      graph.gates(
        states[0], try CoreMLLayouts.lstm.pack(weights.recurrentKernel), recurrent, "weight_hh",
        own))
    let parts = graph.split(sums, axis: 1, count: 4)
    func gate(_ gate: LSTMGate) throws(CheckpointError) -> MILWritten {
      let index = CoreMLLayouts.lstm.gateOrder.firstIndex(of: gate) ?? 0
      return try graph.activated(
        parts[index], gate == .cell ? activation : recurrentActivation, own.call)
    }
    let kept = graph.multiply(try gate(.forget), states[1])
    let next = graph.add(kept, graph.multiply(try gate(.input), try gate(.cell)))
    let shown = try graph.activated(next, outputActivation ?? activation, own.call)
    return [graph.multiply(try gate(.output), shown), next]
  }
}

extension RecurrentWeights {
  /// The biases of all gates, beside the input and beside the state; nil without.
  func biases(
    _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> (inputs: Tensor?, recurrent: Tensor?) {
    switch bias {
    case .none: (nil, nil)
    case .single(let one): (try layout.pack(one), nil)
    case .split(let input, let recurrent):
      (try layout.pack(input), try layout.pack(recurrent))
    }
  }
}

extension MILGraphWriter {
  /// The products of gates that stand one after the other.
  mutating func gates(
    _ x: MILWritten, _ kernel: Tensor, _ bias: Tensor?, _ role: String,
    _ own: CoreMLSequenceCall
  ) -> MILWritten {
    let type = own.call.type
    return linear(
      x, weight(kernel, own.role(role), as: type),
      bias.map { weight($0, own.role("\(role)_bias"), as: type) })
  }
}
