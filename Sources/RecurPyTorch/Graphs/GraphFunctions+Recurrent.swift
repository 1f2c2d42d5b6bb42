import RecurModel
import RecurTensors

// torch's recurrent operators (aten/src/ATen/native/RNN.cpp, torch 2.13).
extension GraphFunctions {
  static let recurrent: [GraphFunction] = GraphRecurrentKind.all.flatMap { kind in
    [
      GraphFunction(
        "\(kind.name)(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, "
          + "batch_first)"
      ) { call, builder throws(CheckpointError) in try sequence(kind, call, &builder) },
      GraphFunction("\(kind.cell)(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)") {
        call, builder throws(CheckpointError) in try step(kind, call, &builder)
      },
    ]
  }

  private static func sequence(
    _ kind: GraphRecurrentKind, _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    guard call.overload == "input" else {
      throw builder.problem(
        "\(call.name) takes a packed sequence", hint: "export a model that takes padded sequences")
    }
    let isTraining = try call.flag("train", builder)
    let dropout = try call.double("dropout", builder)
    guard !isTraining || dropout == 0 else {
      throw builder.problem(
        "\(call.name) has dropout: the program was exported for training",
        hint: "export after model.eval()")
    }
    let params = try call.arrays("params", builder)
    let hasBias = try call.flag("has_biases", builder)
    let depth = try call.integer("num_layers", builder)
    let directions = try call.flag("bidirectional", builder) ? 2 : 1
    let isBatchFirst = try call.flag("batch_first", builder)
    guard depth > 0, depth <= params.count, params.count % (depth * directions) == 0 else {
      throw call.problem("params", "the weights of \(depth) layers", builder)
    }
    let count = params.count / (depth * directions)
    let plain = hasBias ? 4 : 2
    guard count == plain || count == plain + 1 && kind.isProjectable else {
      throw call.problem("params", "\(plain) weights per layer and direction", builder)
    }
    var layers: [[RecurrentCell]] = []
    for layer in 0..<depth {
      var cells: [RecurrentCell] = []
      for direction in 0..<directions {
        let first = (layer * directions + direction) * count
        var weights: [Tensor] = []
        for param in params[first..<first + count] {
          guard let known = param.known, known.isStored else {
            throw call.problem("params", "weights of the file", builder)
          }
          weights.append(known.array)
        }
        cells.append(try kind.cell(weights, hasBias: hasBias, &builder))
      }
      layers.append(cells)
    }
    var x = try call.array("input", builder)
    // Without a batch there are two axes: one of extent 1 is put in.
    let isSingle = try builder.extents(x).count == 2
    if isSingle { x = try builder.insertingAxis(x, isBatchFirst ? 0 : 1) }
    if !isBatchFirst { x = try builder.transposed(x, 0, 1) }
    var states = call["hx"].list ?? [call["hx"]]
    guard states.count == kind.states, states.allSatisfy(\.isArray) else {
      throw call.problem("hx", "\(kind.states) states", builder)
    }
    if isSingle {
      for index in states.indices { states[index] = try builder.insertingAxis(states[index], 1) }
    }
    let first = params[0].known.flatMap { builder.name(of: $0.array) }
    let stem = first.flatMap { $0.hasSuffix("weight_ih_l0") ? $0.dropLast(12) : nil }
    let key = stem.map { String($0.hasSuffix(".") ? $0.dropLast() : $0) }
    let module = key.flatMap { $0.isEmpty ? nil : $0 }
    var (y, finals) = try builder.recurrent(
      layers, x, states: states, module: module, place: key)
    if !isBatchFirst { y = try builder.transposed(y, 0, 1) }
    guard isSingle else { return [y] + finals }
    var results = [try builder.selected(y, axis: isBatchFirst ? 0 : 1, 0)]
    for final in finals { results.append(try builder.selected(final, axis: 1, 0)) }
    return results
  }

  private static func step(
    _ kind: GraphRecurrentKind, _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    var weights: [Tensor] = []
    for parameter in ["w_ih", "w_hh", "b_ih", "b_hh"] where call.has(parameter) {
      weights.append(try call.weight(parameter, builder).array)
    }
    guard weights.count != 3 else { throw call.problem("b_hh", "two biases, or none", builder) }
    let cell = try kind.cell(weights, hasBias: weights.count == 4, &builder)
    let x = try builder.insertingAxis(call.array("input", builder), 1)
    let states = call["hx"].list ?? [call["hx"]]
    guard states.count == kind.states, states.allSatisfy(\.isArray) else {
      throw call.problem("hx", "\(kind.states) states", builder)
    }
    var initial: [Model.Value] = []
    if !states.allSatisfy({ $0.known?.isZero ?? false }) {
      for state in states { initial.append(try builder.computed(state)) }
    }
    let layer = Recurrent(
      cell: cell, returnsSequence: false, returnsState: true, direction: .forward,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    let place = builder.name(of: weights[0]).flatMap { name in
      name.hasSuffix("weight_ih")
        ? StateDictPlace(key: String(name.dropLast(name == "weight_ih" ? 9 : 10))) : nil
    }
    let outputs = try builder.add(
      .recurrent(layer), [builder.computed(x)], initialState: initial, place: place)
    return outputs.dropFirst().map { .computed($0) }
  }
}

/// A recurrent operator of aten and its cell.
struct GraphRecurrentKind: Sendable {
  /// The operator: `lstm`.
  let name: String
  /// The operator of one step: `lstm_cell`.
  let cell: String
  /// The number of states.
  let states: Int
  /// The number of gates.
  let gates: Int
  /// Whether h may have a projection.
  let isProjectable: Bool
  /// Makes a cell of kernels and biases.
  private let make: @Sendable (Parts) throws(CheckpointError) -> RecurrentCell

  /// The weights of a cell.
  private struct Parts {
    var sizes: (input: Int, units: Int)
    var kernel: Tensor
    var recurrentKernel: Tensor
    var biases: (Tensor, Tensor)?
    var projection: Tensor?

    func weights<Gate>(
      _ layout: RecurrentLayout<Gate>
    ) throws(CheckpointError) -> RecurrentWeights<Gate> {
      var bias = RecurrentWeights<Gate>.Bias.none
      if let biases {
        bias = .split(
          input: try layout.unpack(biases.0), recurrent: try layout.unpack(biases.1))
      }
      return RecurrentWeights(
        kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(recurrentKernel),
        bias: bias)
    }
  }

  /// The cell of one layer and direction.
  ///
  /// - Throws: `graph.unsupported` for weights of other shapes.
  func cell(
    _ weights: [Tensor], hasBias: Bool, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> RecurrentCell {
    let plain = hasBias ? 4 : 2
    guard weights.count >= plain, weights.allSatisfy({ $0.elementType.isFloatingPoint }),
      weights[0].rank == 2, weights[1].rank == 2
    else { throw builder.problem("\(name) needs two matrices of weights") }
    let projection = weights.count > plain ? weights[plain] : nil
    let (rows, width) = (weights[0].shape[0], projection?.shape.first ?? weights[1].shape[1])
    let units = rows / gates
    guard units > 0, rows == gates * units, weights[1].shape == [rows, width],
      projection.map({ $0.shape == [width, units] }) ?? (width == units),
      !hasBias || weights[2].shape == [rows] && weights[3].shape == [rows]
    else {
      throw builder.problem(
        "\(name) has weights of the shapes "
          + weights.map { tuple($0.shape) }.joined(separator: ", "),
        expected: "(\(gates)·units, input), (\(gates)·units, units) and biases of \(gates)·units")
    }
    return try make(
      Parts(
        sizes: (weights[0].shape[1], units), kernel: weights[0], recurrentKernel: weights[1],
        biases: hasBias ? (weights[2], weights[3]) : nil, projection: projection))
  }

  static let all: [GraphRecurrentKind] = [
    GraphRecurrentKind(name: "lstm", cell: "lstm_cell", states: 2, gates: 4, isProjectable: true) {
      parts throws(CheckpointError) in
      .lstm(
        LSTM(
          inputSize: parts.sizes.input, units: parts.sizes.units,
          weights: try parts.weights(PyTorchLayouts.lstm), activation: .tanh,
          recurrentActivation: .sigmoid, projection: parts.projection))
    },
    GraphRecurrentKind(name: "gru", cell: "gru_cell", states: 1, gates: 3, isProjectable: false) {
      parts throws(CheckpointError) in
      .gru(
        GRU(
          inputSize: parts.sizes.input, units: parts.sizes.units,
          weights: try parts.weights(PyTorchLayouts.gru), activation: .tanh,
          recurrentActivation: .sigmoid, resetPlacement: .afterProduct))
    },
    rnn("rnn_tanh", .tanh), rnn("rnn_relu", .relu),
  ]

  private static func rnn(_ name: String, _ activation: Activation) -> GraphRecurrentKind {
    GraphRecurrentKind(
      name: name, cell: "\(name)_cell", states: 1, gates: 1, isProjectable: false
    ) { parts throws(CheckpointError) in
      .simpleRNN(
        SimpleRNN(
          inputSize: parts.sizes.input, units: parts.sizes.units,
          weights: try parts.weights(PyTorchLayouts.simpleRNN), activation: activation))
    }
  }
}
