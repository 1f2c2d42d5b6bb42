import RecurModel
import RecurTensors

// LSTM, GRU and RNN.
extension ONNXOperators {
  static let recurrent: [ONNXOperator] =
    kinds.map { kind in
      ONNXOperator(
        kind.name, 3...8,
        "activation_alpha activation_beta activations clip direction hidden_size input_forget layout "
          + "linear_before_reset output_sequence"
      ) { call, builder throws(CheckpointError) in
        try layer(ONNXRecurrentCall(kind, call, builder), &builder)
      }
    } + [
      ONNXOperator(
        "DynamicQuantizeLSTM", 12...12,
        "activation_alpha activation_beta activations clip direction hidden_size input_forget",
        domain: "com.microsoft"
      ) { call, builder throws(CheckpointError) in
        let weights = [
          try dequantized(call, 1, scale: 8, zero: 9, &builder),
          try dequantized(call, 2, scale: 10, zero: 11, &builder),
        ]
        let plain = ONNXCall(
          node: call.node, inputs: [call[0]] + weights + call.inputs[3..<8], version: call.version,
          attributes: call.attributes)
        return try layer(ONNXRecurrentCall(kinds[0], plain, builder), &builder)
      }
    ]

  /// Weights of 8 bits, `[directions, inputs, 4·units]`, as `[directions, 4·units, inputs]`.
  private static func dequantized(
    _ call: ONNXCall, _ index: Int, scale: Int, zero: Int, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let weights = GraphValue.known(try call.weight(index, builder))
    func aligned(_ index: Int) throws(CheckpointError) -> GraphValue {
      let value = try builder.cast(.known(call.weight(index, builder)), to: .float32)
      // One number per direction, or per direction and row.
      let shape = try builder.extents(value)
      guard 1...2 ~= shape.count, let directions = shape[0].value else {
        throw call.problem("has scales of the shape \(text(shape))", builder)
      }
      return try builder.reshaped(
        value, [.fixed(directions), .fixed(1), shape.count == 2 ? shape[1] : .fixed(1)])
    }
    let numbers = try builder.binary(
      .subtract, builder.cast(weights, to: .float32), aligned(zero))
    let scaled = try builder.binary(.multiply, numbers, aligned(scale))
    return try builder.permuted(scaled, [0, 2, 1])
  }

  private static let kinds: [ONNXRecurrentKind] = [
    ONNXRecurrentKind(name: "LSTM", gates: 4, activations: ["Sigmoid", "Tanh", "Tanh"], states: 2) {
      own, direction, functions, builder throws(CheckpointError) in
      .lstm(try lstm(own, direction, functions, builder))
    },
    ONNXRecurrentKind(name: "GRU", gates: 3, activations: ["Sigmoid", "Tanh"], states: 1) {
      own, direction, functions, builder throws(CheckpointError) in
      .gru(
        GRU(
          inputSize: own.inputSize, units: own.units,
          weights: try own.weights(ONNXLayouts.gru, direction), activation: functions[1],
          recurrentActivation: functions[0],
          resetPlacement: try own.call.int("linear_before_reset", builder) != 0
            ? .afterProduct : .beforeProduct))
    },
    ONNXRecurrentKind(name: "RNN", gates: 1, activations: ["Tanh"], states: 1) {
      own, direction, functions, _ throws(CheckpointError) in
      .simpleRNN(
        SimpleRNN(
          inputSize: own.inputSize, units: own.units,
          weights: try own.weights(ONNXLayouts.rnn, direction), activation: functions[0]))
    },
  ]

  private static func lstm(
    _ own: ONNXRecurrentCall, _ direction: Int, _ functions: [Activation], _ builder: GraphBuilder
  ) throws(CheckpointError) -> LSTM {
    var cell = LSTM(
      inputSize: own.inputSize, units: own.units,
      weights: try own.weights(ONNXLayouts.lstm, direction), activation: functions[1],
      recurrentActivation: functions[0],
      outputActivation: functions[2] == functions[1] ? nil : functions[2])
    if let peepholes = own.peepholes?.select(axis: 0, direction) {
      func part(_ index: Int) -> Tensor {
        peepholes.slice(axis: 0, index * own.units..<(index + 1) * own.units)
      }
      cell.peepholes = .init(input: part(0), forget: part(2), output: part(1))
    }
    if try own.call.int("input_forget", builder) != 0 {
      try couple(&cell, own, builder)
    }
    return cell
  }

  /// f = 1 − i: where 1 − ρ(x) is ρ(−x), the forget gate has the weights of the input gate, negated.
  private static func couple(
    _ cell: inout LSTM, _ own: ONNXRecurrentCall, _ builder: GraphBuilder
  ) throws(CheckpointError) {
    var function = cell.recurrentActivation
    // A limit on both sides is the same for −x.
    if case .clipped(let inner, _) = function { function = inner }
    switch function {
    case .sigmoid, .hardSigmoid(slope: _, offset: 0.5): break
    case let other:
      throw own.call.problem("couples its gates, with the activation \(other.name)", builder)
    }
    cell.weights.kernel[.forget] = try cell.weights.kernel[.input].negated()
    cell.weights.recurrentKernel[.forget] = try cell.weights.recurrentKernel[.input].negated()
    if case .split(var input, var recurrent) = cell.weights.bias {
      input[.forget] = try input[.input].negated()
      recurrent[.forget] = try recurrent[.input].negated()
      cell.weights.bias = .split(input: input, recurrent: recurrent)
    }
    if let peepholes = cell.peepholes {
      cell.peepholes?.forget = try peepholes.input.negated()
    }
  }

  /// Adds the layer, and gives its results ONNX' axes.
  static func layer(
    _ own: ONNXRecurrentCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let call = own.call
    let functions = try own.activations(builder)
    var cells: [RecurrentCell] = []
    for direction in own.isBackward.indices {
      cells.append(try own.kind.cell(own, direction, functions[direction], builder))
    }
    var x = try call.array(0, builder)
    guard try builder.extents(x).count == 3 else {
      throw call.problem("reads an array of \(text(try builder.extents(x)))", builder)
    }
    // What stands around the layer has names of its own.
    let name = builder.name
    builder.name = "\(name).input"
    if !own.isBatchFirst { x = try builder.transposed(x, 0, 1) }
    let mask = try lengths(own, x, &builder)
    let layer = Layer.whole(
      cells, isBackward: own.isBackward, maskedOutput: mask == nil ? .previous : .zero)
    let outputs = try builder.add(
      layer, [builder.computed(x)], name: name, initialState: states(own, &builder), mask: mask,
      precision: own.kernels.input.elementType)
    builder.name = "\(name).output"
    return try results(outputs, own, &builder)
  }

  /// Y, and the final states.
  private static func results(
    _ outputs: [Model.Value], _ own: ONNXRecurrentCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let directions = own.isBackward.count
    var y = GraphValue.computed(outputs[0])
    // Outputs are at the timesteps to which they belong, also those of a reversed layer.
    if own.isBackward == [true] {
      y = try builder.sliced(y, axis: 1, from: nil, to: nil, step: -1)
    }
    if directions == 1 {
      y = try builder.insertingAxis(
        own.isBatchFirst ? y : builder.transposed(y, 0, 1), own.isBatchFirst ? 2 : 1)
    } else {
      let shape = try builder.extents(y)
      y = try builder.reshaped(y, [shape[0], shape[1], .fixed(2), .fixed(own.units)])
      if !own.isBatchFirst { y = try builder.permuted(y, [1, 2, 0, 3]) }
    }
    var finals: [GraphValue] = []
    for state in 0..<own.kind.states {
      let parts = (0..<directions).map {
        GraphValue.computed(outputs[1 + $0 * own.kind.states + state])
      }
      finals.append(try builder.stacked(parts, axis: own.isBatchFirst ? 1 : 0))
    }
    return [y] + finals
  }

  /// The initial states, per direction; none when all are zeros.
  ///
  /// Zeros of another width than the weights have belong to another layer, so they are refused too.
  private static func states(
    _ own: ONNXRecurrentCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [Model.Value] {
    let given = (0..<own.kind.states).map { own.call[5 + $0] }
    let axis = own.isBatchFirst ? 1 : 0
    for state in given where !state.isNothing {
      let found = try builder.extents(state)
      guard found.count == 3, found[axis].agrees(with: .fixed(own.isBackward.count)),
        found[2].agrees(with: .fixed(own.units))
      else {
        let (count, units) = (own.isBackward.count, own.units)
        throw own.call.problem(
          "begins with a state of the shape \(text(found)), and its weights have \(units) units",
          builder,
          expected: own.isBatchFirst
            ? "[batch, \(count), \(units)]" : "[\(count), batch, \(units)]")
      }
    }
    guard !given.allSatisfy({ $0.isNothing || $0.known?.isZero ?? false }),
      let first = given.first(where: { !$0.isNothing })
    else { return [] }
    let shape = try builder.extents(first)
    var initial: [Model.Value] = []
    for direction in own.isBackward.indices {
      for state in given {
        let array =
          state.isNothing ? try .known(KnownArray(repeating: 0, .float32, shape: shape)) : state
        initial.append(try builder.computed(builder.selected(array, axis: axis, direction)))
      }
    }
    return initial
  }

  /// The mask of the timesteps before the lengths; nil when all sequences are whole.
  private static func lengths(
    _ own: ONNXRecurrentCall, _ x: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> Model.Value? {
    guard own.call.has(4) else { return nil }
    let timesteps = try builder.extents(x)[1]
    if let known = own.call[4].known, let extent = timesteps.value,
      known.array.doubles().allSatisfy({ $0 == Double(extent) })
    {
      return nil
    }
    if let sizes = GraphSizes(own.call[4]), sizes.elements.allSatisfy({ $0 == timesteps }) {
      return nil
    }
    let lengths = try builder.computed(own.call.array(4, builder))
    return try builder.add(.lengthMask(LengthMask()), [builder.computed(x), lengths])[0]
  }
}

extension Tensor {
  /// The same numbers with the other sign.
  fileprivate func negated() throws(CheckpointError) -> Tensor {
    try Tensor.numbers(doubles().map { -$0 }, elementType, shape: shape)
  }
}
