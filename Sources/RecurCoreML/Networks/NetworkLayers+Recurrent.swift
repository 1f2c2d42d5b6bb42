import RecurModel
import RecurTensors

// Recurrent layers; their arrays have five axes, of which the last two are 1.
extension NetworkLayers {
  static let recurrent: [Row] = [
    Row(420, "uniDirectionalLSTM") { call, builder throws(CheckpointError) in
      let functions = try functions(call, 10, count: 3, builder)
      let weights = try call.options.messages(20)
      guard weights.count == 1 else { throw call.problem("has no weights", builder) }
      let cell = try lstm(call, weights[0], functions, builder)
      return try layer(
        [.lstm(cell)], [call.options.flag(100)], call,
        sequence: call.options.message(15)?.flag(10) ?? false, &builder)
    },
    Row(430, "biDirectionalLSTM") { call, builder throws(CheckpointError) in
      let weights = try call.options.messages(20)
      guard weights.count == 2 else {
        throw call.problem("has weights of \(weights.count) directions", builder)
      }
      var cells: [RecurrentCell] = []
      for (direction, own) in weights.enumerated() {
        let functions = try functions(call, 10 + direction, count: 3, builder)
        cells.append(.lstm(try lstm(call, own, functions, builder)))
      }
      return try layer(
        cells, [false, true], call, sequence: call.options.message(15)?.flag(10) ?? false,
        &builder)
    },
    Row(410, "gru") { call, builder throws(CheckpointError) in
      try call.allow([1, 2, 10, 15, 20, 30, 31, 32, 50, 51, 52, 70, 71, 72, 100], builder)
      let (width, units) = (try call.size(1, builder), try call.size(2, builder))
      let functions = try functions(call, 10, count: 2, builder)
      func map(
        _ first: Int, _ role: String, _ shape: [Int]
      ) throws(CheckpointError) -> GateMap<GRUGate, Tensor> {
        try GateMap { (gate) throws(CheckpointError) in
          let offset = gate == .update ? 0 : gate == .reset ? 1 : 2
          return try call.weights(first + offset, "\(role).\(gate)", shape: shape)
        }
      }
      let hasBias = try call.options.flag(20)
      let cell = GRU(
        inputSize: width, units: units,
        weights: RecurrentWeights(
          kernel: try map(30, "kernel", [units, width]),
          recurrentKernel: try map(50, "recurrent_kernel", [units, units]),
          bias: hasBias ? .single(try map(70, "bias", [units])) : .none),
        activation: functions[1], recurrentActivation: functions[0],
        resetPlacement: .beforeProduct)
      return try layer(
        [.gru(cell)], [call.options.flag(100)], call, sequence: call.options.flag(15), &builder)
    },
    Row(400, "simpleRecurrent") { call, builder throws(CheckpointError) in
      try call.allow([1, 2, 10, 15, 20, 30, 31, 32, 100], builder)
      let (width, units) = (try call.size(1, builder), try call.size(2, builder))
      let kernel = try call.weights(30, "kernel", shape: [units, width])
      let recurrent = try call.weights(31, "recurrent_kernel", shape: [units, units])
      let bias = try call.options.flag(20) ? try call.weights(32, "bias", shape: [units]) : nil
      let cell = SimpleRNN(
        inputSize: width, units: units,
        weights: RecurrentWeights(
          kernel: GateMap { _ in kernel }, recurrentKernel: GateMap { _ in recurrent },
          bias: bias.map { own in .single(GateMap { _ in own }) } ?? .none),
        activation: try functions(call, 10, count: 1, builder)[0])
      return try layer(
        [.simpleRNN(cell)], [call.options.flag(100)], call, sequence: call.options.flag(15),
        &builder)
    },
  ]

  private static func functions(
    _ call: NetworkCall, _ number: Int, count: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Activation] {
    let all = try call.options.messages(number)
    guard all.count == count else {
      throw call.problem("has \(all.count) functions", builder, expected: "\(count)")
    }
    return try all.map { own throws(CheckpointError) in
      try call.function(own, isInCell: true, builder)
    }
  }

  /// One direction of an LSTM (`LSTMParams`, `LSTMWeightParams`).
  private static func lstm(
    _ call: NetworkCall, _ weights: NetworkOptions, _ functions: [Activation],
    _ builder: GraphBuilder
  ) throws(CheckpointError) -> LSTM {
    let (width, units) = (try call.size(1, builder), try call.size(2, builder))
    let options = try call.options.message(15)
    guard try options?.flag(50) != true else {
      throw call.problem("couples its input and forget gates", builder)
    }
    func map(
      _ first: Int, _ role: String, _ shape: [Int]
    ) throws(CheckpointError) -> GateMap<LSTMGate, Tensor> {
      try GateMap { (gate) throws(CheckpointError) in
        try weights.weights(
          first + offset(gate), shape: shape, named: "\(call.layer.name).\(role).\(gate)")
      }
    }
    var bias: GateMap<LSTMGate, Tensor>?
    if try options?.flag(20) == true { bias = try map(40, "bias", [units]) }
    if try options?.flag(30) == true {
      // 1 is added to the bias of the forget gate.
      let zeros = try Tensor.zeros(.float32, shape: [units])
      var own = bias ?? GateMap { _ in zeros }
      own[.forget] = try Tensor.numbers(
        own[.forget].doubles().map { $0 + 1 }, .float32, shape: [units])
      bias = own
    }
    var cell = LSTM(
      inputSize: width, units: units,
      weights: RecurrentWeights(
        kernel: try map(1, "kernel", [units, width]),
        recurrentKernel: try map(20, "recurrent_kernel", [units, units]),
        bias: bias.map { .single($0) } ?? .none),
      activation: functions[1], recurrentActivation: functions[0],
      outputActivation: functions[2] == functions[1] ? nil : functions[2])
    if try options?.flag(40) == true {
      func peephole(_ number: Int, _ gate: String) throws(CheckpointError) -> Tensor {
        try weights.weights(
          number, shape: [units], named: "\(call.layer.name).peephole.\(gate)")
      }
      cell.peepholes = .init(
        input: try peephole(60, "input"), forget: try peephole(61, "forget"),
        output: try peephole(62, "output"))
    }
    let limit = try options?.float(60) ?? 0
    guard limit >= 0 else { throw call.problem("has a limit of \(limit)", builder) }
    // 0 stands for 50.
    let own = limit == 0 ? 50 : limit
    if own < MILOperators.noLimit { cell.cellLimit = own }
    return cell
  }

  /// The place of a gate among the weights: i, f, z, o.
  private static func offset(_ gate: LSTMGate) -> Int {
    switch gate {
    case .input: 0
    case .forget: 1
    case .cell: 2
    case .output: 3
    }
  }

  private static func layer(
    _ cells: [RecurrentCell], _ isBackward: [Bool], _ call: NetworkCall, sequence: Bool,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let x = try call.array(0, builder)
    guard try builder.extents(x).count == 5 else {
      throw call.problem("reads an array of \(text(try builder.extents(x)))", builder)
    }
    let count = cells[0].stateSizes.count
    guard call.inputs.count == 1 + count * cells.count else {
      throw call.problem(
        "has \(call.inputs.count) inputs", builder, expected: "\(1 + count * cells.count)")
    }
    // h, c, and those of the other direction: [1, batch, units, 1, 1] each.
    var states: [GraphValue] = []
    for state in 0..<count {
      var parts: [GraphValue] = []
      for direction in cells.indices {
        let own = try call.array(1 + direction * count + state, builder)
        let rank = try builder.extents(own).count
        guard rank == 5 else { throw call.problem("begins with a state of \(rank) axes", builder) }
        parts.append(try builder.squeezed(own, [0, 3, 4]))
      }
      states.append(try builder.concatenated(parts, axis: 1))
    }
    var own = CoreMLSequence(
      x: try builder.squeezed(x, [3, 4]), states: states, cells: cells, isBackward: isBackward,
      subject: "the layer '\(call.layer.name)'", returnsSequence: sequence)
    let results = try own.results(&builder)
    var outputs = [try withUnitAxes(results[0], &builder)]
    let units = cells[0].units
    for direction in cells.indices {
      for state in 0..<count {
        let part =
          cells.count == 1
          ? results[1 + state]
          : try builder.sliced(
            results[1 + state], axis: 1, from: direction * units, to: (direction + 1) * units)
        outputs.append(try withUnitAxes(builder.insertingAxis(part, 0), &builder))
      }
    }
    return outputs
  }

  private static func withUnitAxes(
    _ value: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    try builder.insertingAxis(builder.insertingAxis(value, 3), 4)
  }
}
