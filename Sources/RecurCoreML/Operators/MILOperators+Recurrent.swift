import RecurModel
import RecurTensors

// Recurrent operations (coremltools, converters/mil/mil/ops/defs/iOS15/recurrent.py).
extension MILOperators {
  static let recurrent: [MILOperator] = [
    MILOperator(
      "lstm",
      "x initial_h initial_c weight_ih weight_hh bias peephole weight_ih_back weight_hh_back bias_back "
        + "peephole_back direction output_sequence recurrent_activation cell_activation activation clip"
    ) { call, builder throws(CheckpointError) in
      let directions = try directions(call, builder)
      let cells = try directions.map { own throws(CheckpointError) -> RecurrentCell in
        .lstm(try lstm(call, own.suffix, builder))
      }
      return try layer(
        cells, directions, call, states: ["initial_h", "initial_c"], &builder)
    },
    MILOperator(
      "gru",
      "x initial_h weight_ih weight_hh bias direction output_sequence recurrent_activation activation "
        + "reset_after input_bias"
    ) { call, builder throws(CheckpointError) in
      guard try !call.flag("reset_after", builder, default: false), !call.has("input_bias") else {
        throw call.problem(
          "has the argument 'reset_after' or 'input_bias': what is computed then is not certain",
          builder)
      }
      let directions = try directions(call, builder)
      let (units, inputSize) = try sizes(call, "", gates: 3, builder)
      let cell = GRU(
        inputSize: inputSize, units: units,
        weights: try weights(CoreMLLayouts.gru, call, "", units, inputSize, builder),
        activation: try function("activation", "tanh", call, builder),
        recurrentActivation: try function("recurrent_activation", "sigmoid", call, builder),
        resetPlacement: .beforeProduct)
      return try layer([.gru(cell)], directions, call, states: ["initial_h"], &builder)
    },
    MILOperator(
      "rnn", "x initial_h weight_ih weight_hh bias direction output_sequence activation"
    ) { call, builder throws(CheckpointError) in
      let directions = try directions(call, builder)
      let (units, inputSize) = try sizes(call, "", gates: 1, builder)
      let cell = SimpleRNN(
        inputSize: inputSize, units: units,
        weights: try weights(CoreMLLayouts.rnn, call, "", units, inputSize, builder),
        activation: try function("activation", "tanh", call, builder))
      return try layer([.simpleRNN(cell)], directions, call, states: ["initial_h"], &builder)
    },
  ]

  /// One direction of an operation.
  private struct Direction {
    var isBackward: Bool
    /// What stands behind the names of its weights.
    var suffix: String
  }

  private static func directions(
    _ call: MILCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Direction] {
    switch try call.text("direction", builder, default: "forward") {
    case "forward": return [Direction(isBackward: false, suffix: "")]
    case "reverse": return [Direction(isBackward: true, suffix: "")]
    case "bidirectional" where call.operation.type == "lstm":
      return [
        Direction(isBackward: false, suffix: ""), Direction(isBackward: true, suffix: "_back"),
      ]
    case let other: throw call.problem("has the direction '\(other)'", builder)
    }
  }

  /// Units and input size.
  private static func sizes(
    _ call: MILCall, _ suffix: String, gates: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> (units: Int, inputSize: Int) {
    let shape = try call.weight("weight_ih\(suffix)", builder).array.shape
    guard shape.count == 2, shape[0] > 0, shape[0] % gates == 0 else {
      throw call.problem("has weights of the shape \(tuple(shape))", builder)
    }
    return (shape[0] / gates, shape[1])
  }

  private static func weights<Gate>(
    _ layout: RecurrentLayout<Gate>, _ call: MILCall, _ suffix: String, _ units: Int,
    _ inputSize: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> RecurrentWeights<Gate> {
    let rows = units * layout.gateOrder.count
    let kernel = try call.weight("weight_ih\(suffix)", shape: [rows, inputSize], builder)
    let recurrent = try call.weight("weight_hh\(suffix)", shape: [rows, units], builder)
    return RecurrentWeights(
      kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(recurrent),
      bias: call.has("bias\(suffix)")
        ? .single(try layout.unpack(call.weight("bias\(suffix)", shape: [rows], builder))) : .none)
  }

  /// A function by its name; those with numbers have fixed ones.
  private static func function(
    _ name: String, _ usual: String, _ call: MILCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Activation {
    switch try call.text(name, builder, default: usual) {
    case "sigmoid": return .sigmoid
    case "tanh": return .tanh
    case "relu": return .relu
    case "linear": return .linear
    case "hard_sigmoid", "sigmoid_hard": return .hardSigmoidOfFifths
    case let other:
      throw call.problem(
        "has the function '\(other)' for '\(name)', which is not supported", builder)
    }
  }

  private static func lstm(
    _ call: MILCall, _ suffix: String, _ builder: GraphBuilder
  ) throws(CheckpointError) -> LSTM {
    let (units, inputSize) = try sizes(call, suffix, gates: 4, builder)
    let candidate = try function("cell_activation", "tanh", call, builder)
    let output = try function("activation", "tanh", call, builder)
    var cell = LSTM(
      inputSize: inputSize, units: units,
      weights: try weights(CoreMLLayouts.lstm, call, suffix, units, inputSize, builder),
      activation: candidate,
      recurrentActivation: try function("recurrent_activation", "sigmoid", call, builder),
      outputActivation: output == candidate ? nil : output)
    if call.has("peephole\(suffix)") {
      let all = try call.weight("peephole\(suffix)", shape: [3 * units], builder)
      func part(_ index: Int) -> Tensor {
        all.slice(axis: 0, index * units..<(index + 1) * units)
      }
      cell.peepholes = .init(input: part(0), forget: part(1), output: part(2))
    }
    if call.has("clip") {
      let limit = try call.number("clip", builder)
      guard limit > 0 else { throw call.problem("has a 'clip' of \(limit)", builder) }
      // Larger numbers than any cell reaches are no limit.
      if limit < noLimit { cell.cellLimit = limit }
    }
    return cell
  }

  /// What writers give for no limit.
  static let noLimit = 50_000.0

  /// Adds the layer; x and y have the timesteps first.
  private static func layer(
    _ cells: [RecurrentCell], _ directions: [Direction], _ call: MILCall, states: [String],
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    var sequence = CoreMLSequence(
      x: try call.array("x", builder),
      states: try states.map { name throws(CheckpointError) in try call.array(name, builder) },
      cells: cells, isBackward: directions.map(\.isBackward), subject: call.subject,
      returnsSequence: try call.flag("output_sequence", builder, default: false))
    return try sequence.results(&builder)
  }
}
