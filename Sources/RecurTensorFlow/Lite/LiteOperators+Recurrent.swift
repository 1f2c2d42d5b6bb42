import RecurModel
import RecurTensors

// Recurrent operators.
extension LiteOperators {
  static let recurrent: [LiteOperatorRow] = {
    var gated = LiteOperatorRow(44, "UNIDIRECTIONAL_SEQUENCE_LSTM") {
      call, builder throws(CheckpointError) in
      let cell = try lstmCell(call, &builder)
      return [try layer(.lstm(cell), call, states: [18, 19], timeMajor: 3, &builder)]
    }
    gated.differences = { call throws(CheckpointError) in
      let clip = try call.floatOption(1)
      return kept
        + (clip > 0
          ? [
            "TensorFlow Lite keeps the cell of an LSTM within ±\(short(clip)), which is not done here"
          ]
          : [])
    }
    var simple = LiteOperatorRow(35, "UNIDIRECTIONAL_SEQUENCE_RNN") {
      call, builder throws(CheckpointError) in
      let cell = try simpleCell(call, &builder)
      return [try layer(.simpleRNN(cell), call, states: [4], timeMajor: 0, &builder)]
    }
    simple.differences = { _ in kept }
    return [gated, simple]
  }()

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
  private static func lstmCell(
    _ call: LiteCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> LSTM {
    let clip = try call.floatOption(1)
    // The converter writes 10, which a cell of a trained model stays below.
    guard clip == 0 || clip == 10, try call.floatOption(2) == 0 else {
      throw call.problem(
        "keeps its cell or its projection within a limit of its own: \(clip), "
          + "\(try call.floatOption(2))", builder, expected: "0 or 10, and 0")
    }
    guard !(20..<24).contains(where: call.has) else {
      throw call.problem("normalizes its gates", builder)
    }
    let projected = call.has(17) ? try call.weight(17, builder) : nil
    guard projected?.isZero ?? true else {
      throw call.problem("has a bias of its projection", builder)
    }
    guard let function = LiteCall.functions[try call.byteOption(0)] else {
      throw call.problem("has the built-in function \(try call.byteOption(0))", builder)
    }
    let forget = try call.weight(2, builder).array
    guard forget.rank == 2 else { throw call.problem("has weights that are no matrix", builder) }
    let (units, inputSize) = (forget.shape[0], forget.shape[1])
    let projection = call.has(16) ? try call.weight(16, builder).array : nil
    let width = projection?.shape.first ?? units
    if let projection, projection.shape != [width, units] {
      throw call.problem("has a projection of the shape \(tuple(projection.shape))", builder)
    }
    // Without weights of its own the input gate is 1 − f.
    let isCoupled = !call.has(1)
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
        let own = try array(call, slot(isTaken ? .forget : gate, first), shape, builder)
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
      bias: (12..<16).contains(where: call.has) ? .single(try gates(12, [units])) : .none)
    var cell = LSTM(
      inputSize: inputSize, units: units, weights: weights, activation: function,
      recurrentActivation: .sigmoid, projection: projection)
    if call.has(10) {
      let forget = try array(call, 10, [units], builder)
      let own =
        isCoupled
        ? try Tensor.numbers(forget.doubles().map { -$0 }, forget.elementType, shape: [units])
        : try array(call, 9, [units], builder)
      cell.peepholes = .init(
        input: own, forget: forget, output: try array(call, 11, [units], builder))
    }
    return cell
  }

  private static func simpleCell(
    _ call: LiteCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> SimpleRNN {
    guard let function = LiteCall.functions[try call.byteOption(1)] else {
      throw call.problem("has the built-in function \(try call.byteOption(1))", builder)
    }
    let kernel = try call.weight(1, builder).array
    guard kernel.rank == 2 else { throw call.problem("has weights that are no matrix", builder) }
    let units = kernel.shape[0]
    let (recurrent, bias) = (
      try array(call, 2, [units, units], builder), try array(call, 3, [units], builder)
    )
    return SimpleRNN(
      inputSize: kernel.shape[1], units: units,
      weights: RecurrentWeights(
        kernel: GateMap { _ in kernel }, recurrentKernel: GateMap { _ in recurrent },
        bias: .single(GateMap { _ in bias })),
      activation: function)
  }

  /// Adds the layer; its sequence has the axes that the operator gives it.
  private static func layer(
    _ cell: RecurrentCell, _ call: LiteCall, states: [Int], timeMajor: Int,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    var x = try call.array(0, builder)
    guard try builder.extents(x).count == 3 else {
      throw call.problem("reads an array of \(text(try builder.extents(x)))", builder)
    }
    let isTimeMajor = try call.byteOption(timeMajor) != 0
    let name = builder.name
    builder.name = "\(name).input"
    if isTimeMajor { x = try builder.transposed(x, 0, 1) }
    var initial: [GraphValue] = []
    for index in states { initial.append(try builder.insertingAxis(call.array(index, builder), 0)) }
    builder.name = name
    let result = try builder.recurrent(
      [[cell]], x, states: initial, module: name, place: nil)
    builder.name = "\(name).output"
    return isTimeMajor ? try builder.transposed(result.sequence, 0, 1) : result.sequence
  }
}
