import RecurModel
import RecurTensors

// Cells, and loops of cells, that are one operator (tensorflow/core/ops/rnn_ops.cc).
extension GraphOperators {
  static let blocks: [GraphOperatorRow] = [
    GraphOperatorRow("BlockLSTM") { call, builder throws(CheckpointError) in
      try sequence(call, TensorFlowLayouts.lstm, usual: (1, 3), &builder)
    },
    GraphOperatorRow("BlockLSTMV2") { call, builder throws(CheckpointError) in
      try sequence(call, TensorFlowLayouts.blocks, usual: (0, 0), &builder)
    },
    GraphOperatorRow("LSTMBlockCell") { call, builder throws(CheckpointError) in
      let cell = try lstm(call, 3, TensorFlowLayouts.lstm, usual: (1, 3), builder)
      let states = [try call.array(2, builder), try call.array(1, builder)]
      let result = try step(.lstm(cell), call.array(0, builder), states, &builder)
      return [.nothing, result[1], .nothing, .nothing, .nothing, .nothing, result[0]]
    },
    GraphOperatorRow("GRUBlockCell") { call, builder throws(CheckpointError) in
      let cell = try gru(call, builder)
      let result = try step(
        .gru(cell), call.array(0, builder), [call.array(1, builder)], &builder)
      return [.nothing, .nothing, .nothing, result[0]]
    },
  ]

  /// The weights of an LSTM: a kernel, three peepholes and a bias, from input `first` on.
  ///
  /// `usual` is what holds where an option is left out.
  private static func lstm(
    _ call: OperatorCall, _ first: Int, _ layout: RecurrentLayout<LSTMGate>,
    usual: (forgetBias: Double, limit: Double), _ builder: GraphBuilder
  ) throws(CheckpointError) -> LSTM {
    let kernel = try call.weight(first, builder).array
    guard kernel.rank == 2, kernel.shape[1] % 4 == 0, kernel.shape[1] > 0,
      kernel.shape[0] > kernel.shape[1] / 4, kernel.elementType.isFloatingPoint
    else { throw call.problem("has weights of the shape \(tuple(kernel.shape))", builder) }
    let units = kernel.shape[1] / 4
    var cell = try FusedCells.lstm(
      kernel: kernel, bias: row(call, first + 4, 4 * units, builder),
      added: call.node.float("forget_bias") ?? usual.forgetBias,
      layout: layout)
    if call.node.flag("use_peephole") {
      cell.peepholes = .init(
        input: try row(call, first + 1, units, builder),
        forget: try row(call, first + 2, units, builder),
        output: try row(call, first + 3, units, builder))
    }
    let limit = try call.node.float("cell_clip") ?? usual.limit
    if limit > 0 { cell.cellLimit = limit }
    return cell
  }

  private static func row(
    _ call: OperatorCall, _ index: Int, _ count: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Tensor {
    let array = try call.weight(index, builder).array
    guard array.shape == [count] else {
      throw call.problem(
        "has weights of the shape \(tuple(array.shape)) for input \(index)", builder,
        expected: tuple([count]))
    }
    return array
  }

  /// A GRU: x, h, the kernels of the gates and of the candidate, and their biases.
  private static func gru(
    _ call: OperatorCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> GRU {
    let (gates, candidate) = (
      try call.weight(2, builder).array, try call.weight(3, builder).array
    )
    let units = candidate.shape.last ?? 0
    let rows = (candidate.shape.first ?? 0) - units
    guard units > 0, rows > 0, candidate.shape == [rows + units, units],
      gates.shape == [rows + units, 2 * units]
    else { throw call.problem("has weights of the shape \(tuple(gates.shape))", builder) }
    let bias = try row(call, 4, 2 * units, builder)
    return try FusedCells.gru(
      gates: gates, gateBias: bias, candidate: candidate,
      candidateBias: row(call, 5, units, builder))
  }

  /// One step of a cell: h, and the other states.
  private static func step(
    _ cell: RecurrentCell, _ x: GraphValue, _ states: [GraphValue], _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let layer = Recurrent(
      cell: cell, returnsSequence: false, returnsState: true, direction: .forward,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    var initial: [Model.Value] = []
    for state in states { initial.append(try builder.computed(state)) }
    let inserted = try builder.computed(builder.insertingAxis(x, 1))
    return try builder.add(.recurrent(layer), [inserted], initialState: initial)
      .dropFirst().map { .computed($0) }
  }

  /// A cell over all timesteps: the length, x `[timesteps, batch, …]`, c, h, and the weights.
  private static func sequence(
    _ call: OperatorCall, _ layout: RecurrentLayout<LSTMGate>,
    usual: (forgetBias: Double, limit: Double), _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let x = try call.array(1, builder)
    let shape = try builder.extents(x)
    guard shape.count == 3 else { throw call.problem("reads \(text(shape))", builder) }
    let length = try call.sizes(0, builder)
    func isWhole(_ length: Dimension) -> Bool {
      length == shape[0]
        || (length.value.flatMap { given in shape[0].value.map { given >= $0 } } ?? false)
    }
    guard length.isSingle, isWhole(length.elements[0]) else {
      throw call.problem(
        "computes \(length.elements) of \(shape[0]) timesteps", builder, expected: "all of them")
    }
    let cell = try lstm(call, 4, layout, usual: usual, builder)
    let states = [
      try builder.insertingAxis(call.array(3, builder), 0),
      try builder.insertingAxis(call.array(2, builder), 0),
    ]
    let result = try builder.recurrent(
      [[.lstm(cell)]], builder.transposed(x, 0, 1), states: states, module: builder.name,
      place: nil)
    // Of all cells the last one is known.
    let last = try builder.selected(result.states[1], axis: 0, 0)
    let cells = GraphValue.list([.text(lastOfAll), .list([last])])
    return [
      .nothing, cells, .nothing, .nothing, .nothing, .nothing,
      try builder.transposed(result.sequence, 0, 1),
    ]
  }

  /// What marks values of which the last timestep alone is known.
  private static let lastOfAll = "last"

  /// The last timestep, where nothing else is known of a sequence; nil for other values.
  static func lastTimestep(_ value: GraphValue) -> GraphValue? {
    guard let list = value.list, list.count == 2, list[0].text == lastOfAll else { return nil }
    return list[1].list?.first
  }
}
