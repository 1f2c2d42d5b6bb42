import RecurContainers
import RecurModel
import RecurTensors

// Recurrent operators.
extension LiteOperators {
  static let recurrent: [LiteOperatorRow] = {
    var gated = LiteOperatorRow(44, "UNIDIRECTIONAL_SEQUENCE_LSTM") {
      call, builder throws(CheckpointError) in
      guard !(20..<24).contains(where: call.has) else {
        throw call.problem("normalizes its gates", builder)
      }
      let cell = try lstmCell(call, &builder)
      return [
        try layer(
          [.lstm(cell)], call, states: [[18, 19]], isTimeMajor: call.byteOption(3) != 0, &builder)
      ]
    }
    gated.differences = limits
    var simple = LiteOperatorRow(35, "UNIDIRECTIONAL_SEQUENCE_RNN") {
      call, builder throws(CheckpointError) in
      let cell = try simpleCell(call, &builder)
      return [
        try layer(
          [.simpleRNN(cell)], call, states: [[4]], isTimeMajor: call.byteOption(0) != 0, &builder)
      ]
    }
    simple.differences = { _ in kept }
    return [gated, simple] + bothDirections
  }()

  /// Layers in both directions; their outputs are apart unless an option joins them
  /// (tensorflow/lite/kernels/bidirectional_sequence_lstm.cc, bidirectional_sequence_rnn.cc).
  private static let bothDirections: [LiteOperatorRow] = {
    var gated = LiteOperatorRow(52, "BIDIRECTIONAL_SEQUENCE_LSTM") {
      call, builder throws(CheckpointError) in
      guard !(39..<48).contains(where: call.has) else {
        throw call.problem("reads a second sequence", builder)
      }
      let cells: [RecurrentCell] = [
        .lstm(try lstmCell(call, &builder)), .lstm(try lstmCell(call, shift: 17, &builder)),
      ]
      // Where nothing is said, the timesteps are the first axis.
      let isTimeMajor = try call.own.options?.integer(4, Int8.self, usual: 1) ?? 1
      let y = try layer(
        cells, call, states: [[35, 36], [37, 38]], isTimeMajor: isTimeMajor != 0, &builder)
      return try apart(y, cells, isJoined: call.byteOption(3) != 0, &builder)
    }
    gated.differences = limits
    var simple = LiteOperatorRow(46, "BIDIRECTIONAL_SEQUENCE_RNN") {
      call, builder throws(CheckpointError) in
      guard !(9..<12).contains(where: call.has) else {
        throw call.problem("reads a second sequence", builder)
      }
      let cells: [RecurrentCell] = [
        .simpleRNN(try simpleCell(call, &builder)),
        .simpleRNN(try simpleCell(call, first: 5, &builder)),
      ]
      let y = try layer(
        cells, call, states: [[4], [8]], isTimeMajor: call.byteOption(0) != 0, &builder)
      return try apart(y, cells, isJoined: call.byteOption(2) != 0, &builder)
    }
    simple.differences = { _ in kept }
    return [gated, simple]
  }()

  /// The outputs of both directions: together, or one after the other.
  private static func apart(
    _ y: GraphValue, _ cells: [RecurrentCell], isJoined: Bool, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    isJoined ? [y] : try builder.split(y, axis: 2, sizes: cells.map(\.units))
  }

  @Sendable private static func limits(_ call: LiteCall) throws(CheckpointError) -> [String] {
    let clip = try call.floatOption(1)
    return kept
      + (clip > 0
        ? [
          "TensorFlow Lite keeps the cell of an LSTM within ±\(short(clip)), which is not done here"
        ]
        : [])
  }

  private static let kept = [
    "TensorFlow Lite keeps the states of its recurrent operators from one call to the next until it is "
      + "told to reset them; here every call begins with zeros"
  ]

  /// Weights that are one matrix or one row per gate.
  private static func array(
    _ call: LiteCall, _ index: Int, _ shape: [Int], _ builder: GraphBuilder
  ) throws(CheckpointError) -> Tensor {
    let known = try call.weight(index, builder)
    guard known.array.shape == shape, known.type.isFloatingPoint else {
      throw call.problem(
        "has weights of the shape \(tuple(known.array.shape)) for input \(index)", builder,
        expected: tuple(shape))
    }
    return known.array
  }

  /// An LSTM; its inputs are one per gate, in the order i, f, c, o
  /// (tensorflow/lite/kernels/unidirectional_sequence_lstm.cc).
  ///
  /// The inputs of the backward direction are `shift` behind those of the forward one.
  private static func lstmCell(
    _ call: LiteCall, shift: Int = 0, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> LSTM {
    func has(_ index: Int) -> Bool { call.has(index + shift) }
    let clip = try call.floatOption(1)
    // The converter writes 10, which a cell of a trained model stays below.
    guard clip == 0 || clip == 10, try call.floatOption(2) == 0 else {
      throw call.problem(
        "keeps its cell or its projection within a limit of its own: \(clip), "
          + "\(try call.floatOption(2))", builder, expected: "0 or 10, and 0")
    }
    let projected = has(17) ? try call.weight(17 + shift, builder) : nil
    guard projected?.isZero ?? true else {
      throw call.problem("has a bias of its projection", builder)
    }
    guard let function = LiteCall.functions[try call.byteOption(0)] else {
      throw call.problem("has the built-in function \(try call.byteOption(0))", builder)
    }
    let forget = try call.weight(2 + shift, builder).array
    guard forget.rank == 2 else { throw call.problem("has weights that are no matrix", builder) }
    let (units, inputSize) = (forget.shape[0], forget.shape[1])
    let projection = has(16) ? try call.weight(16 + shift, builder).array : nil
    let width = projection?.shape.first ?? units
    if let projection, projection.shape != [width, units] {
      throw call.problem("has a projection of the shape \(tuple(projection.shape))", builder)
    }
    // Without weights of its own the input gate is 1 − f.
    let isCoupled = !has(1)
    func slot(_ gate: LSTMGate, _ first: Int) -> Int {
      switch gate {
      case .input: first
      case .forget: first + 1
      case .cell: first + 2
      case .output: first + 3
      }
    }
    func gates(_ first: Int, _ shape: [Int]) throws(CheckpointError) -> GateMap<LSTMGate, Tensor> {
      var parts: [Tensor] = []
      for gate in LSTMGate.allCases {
        let isTaken = isCoupled && gate == .input
        let own = try array(call, slot(isTaken ? .forget : gate, first + shift), shape, builder)
        parts.append(
          isTaken
            ? try Tensor.numbers(own.doubles().map { -$0 }, own.elementType, shape: shape) : own)
      }
      let all = Dictionary(
        zip(LSTMGate.allCases, parts).map { ($0, $1) }, uniquingKeysWith: { one, _ in one })
      return GateMap { all[$0] ?? parts[0] }
    }
    let weights = RecurrentWeights<LSTMGate>(
      kernel: try gates(1, [units, inputSize]), recurrentKernel: try gates(5, [units, width]),
      bias: (12..<16).contains(where: has) ? .single(try gates(12, [units])) : .none)
    var cell = LSTM(
      inputSize: inputSize, units: units, weights: weights, activation: function,
      recurrentActivation: .sigmoid, projection: projection)
    if has(10) {
      let forget = try array(call, 10 + shift, [units], builder)
      let own =
        isCoupled
        ? try Tensor.numbers(forget.doubles().map { -$0 }, forget.elementType, shape: [units])
        : try array(call, 9 + shift, [units], builder)
      cell.peepholes = .init(
        input: own, forget: forget, output: try array(call, 11 + shift, [units], builder))
    }
    return cell
  }

  private static func simpleCell(
    _ call: LiteCall, first: Int = 1, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> SimpleRNN {
    guard let function = LiteCall.functions[try call.byteOption(1)] else {
      throw call.problem("has the built-in function \(try call.byteOption(1))", builder)
    }
    let kernel = try call.weight(first, builder).array
    guard kernel.rank == 2 else { throw call.problem("has weights that are no matrix", builder) }
    let units = kernel.shape[0]
    let (recurrent, bias) = (
      try array(call, first + 1, [units, units], builder),
      try array(call, first + 2, [units], builder)
    )
    return SimpleRNN(
      inputSize: kernel.shape[1], units: units,
      weights: RecurrentWeights(
        kernel: GateMap { _ in kernel }, recurrentKernel: GateMap { _ in recurrent },
        bias: .single(GateMap { _ in bias })),
      activation: function)
  }

  /// Adds the layer of one or two directions; its sequence has the axes that the operator gives it.
  ///
  /// `states` are the inputs that are the first states of each direction.
  private static func layer(
    _ cells: [RecurrentCell], _ call: LiteCall, states: [[Int]], isTimeMajor: Bool,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    var x = try call.array(0, builder)
    guard try builder.extents(x).count == 3 else {
      throw call.problem("reads an array of \(text(try builder.extents(x)))", builder)
    }
    let name = builder.name
    builder.name = "\(name).input"
    if isTimeMajor { x = try builder.transposed(x, 0, 1) }
    var initial: [GraphValue] = []
    for position in states[0].indices {
      let both = try states.map { own throws(CheckpointError) in
        try call.array(own[position], builder)
      }
      initial.append(try builder.stacked(both, axis: 0))
    }
    builder.name = name
    let result = try builder.recurrent([cells], x, states: initial, module: name, place: nil)
    builder.name = "\(name).output"
    return isTimeMajor ? try builder.transposed(result.sequence, 0, 1) : result.sequence
  }
}
