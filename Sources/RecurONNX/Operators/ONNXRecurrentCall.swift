import RecurModel
import RecurTensors

/// A call of LSTM, GRU or RNN: which input is which, and its options (onnx/defs/rnn/defs.cc).
struct ONNXRecurrentCall {
  /// The operator.
  let kind: ONNXRecurrentKind
  let call: ONNXCall
  /// The width of h.
  let units: Int
  /// The width of x.
  let inputSize: Int
  /// Whether each direction begins at the end.
  let isBackward: [Bool]
  /// Whether the batch is the first axis.
  let isBatchFirst: Bool
  /// W and R, `[directions, gates·units, …]`.
  let kernels: (input: Tensor, recurrent: Tensor)
  /// B, `[directions, 2·gates·units]`.
  let bias: Tensor?
  /// P, `[directions, 3·units]`.
  let peepholes: Tensor?

  init(
    _ kind: ONNXRecurrentKind, _ call: ONNXCall, _ builder: GraphBuilder
  ) throws(CheckpointError) {
    self.kind = kind
    self.call = call
    guard call.inputs.count <= kind.inputs else {
      throw call.problem("has \(call.inputs.count) inputs", builder, expected: "\(kind.inputs)")
    }
    switch try call.text("direction", builder, default: "forward") {
    case "forward": isBackward = [false]
    case "reverse": isBackward = [true]
    case "bidirectional": isBackward = [false, true]
    case let other: throw call.problem("has the direction '\(other)'", builder)
    }
    isBatchFirst = try call.int("layout", builder) != 0
    let (w, r) = (try call.weight(1, builder).array, try call.weight(2, builder).array)
    let (count, gates) = (isBackward.count, kind.gates)
    let units = w.rank == 3 ? w.shape[1] / gates : 0
    let (inputSize, rows) = (w.rank == 3 ? w.shape[2] : 0, gates * units)
    let shapes = [w, r].map { tuple($0.shape) }.joined(separator: ", ")
    guard units > 0, inputSize > 0, w.shape == [count, rows, inputSize],
      r.shape == [count, rows, units]
    else {
      throw call.problem(
        "has weights of the shapes \(shapes)", builder,
        expected: "[\(count), \(gates)·units, input] and [\(count), \(gates)·units, units]")
    }
    if let declared = call.attributes["hidden_size"] {
      guard case .integer(units) = declared else {
        throw call.problem(
          "has a 'hidden_size' that is not the \(units) of its weights of the shapes \(shapes)",
          builder)
      }
    }
    let bias = try call.optionalWeight(3, builder)?.array
    guard bias.map({ $0.shape == [count, 2 * rows] }) ?? true else {
      throw call.problem("has biases of the shape \(tuple(bias?.shape ?? []))", builder)
    }
    let peepholes = kind.gates == 4 ? try call.optionalWeight(7, builder)?.array : nil
    guard peepholes.map({ $0.shape == [count, 3 * units] }) ?? true else {
      throw call.problem("has peepholes of the shape \(tuple(peepholes?.shape ?? []))", builder)
    }
    guard
      ([w, r] + [bias, peepholes].compactMap { $0 }).allSatisfy({ $0.elementType.isArithmetic })
    else { throw call.problem("has weights that are no floating-point numbers", builder) }
    (self.units, self.inputSize, self.bias, self.peepholes) = (units, inputSize, bias, peepholes)
    kernels = (w, r)
  }

  /// The weights of one direction.
  func weights<Gate>(
    _ layout: RecurrentLayout<Gate>, _ direction: Int
  ) throws(CheckpointError) -> RecurrentWeights<Gate> {
    let own = bias?.select(axis: 0, direction)
    let rows = kind.gates * units
    return RecurrentWeights(
      kernel: try layout.unpack(kernels.input.select(axis: 0, direction)),
      recurrentKernel: try layout.unpack(kernels.recurrent.select(axis: 0, direction)),
      bias: try own.map { own throws(CheckpointError) in
        .split(
          input: try layout.unpack(own.slice(axis: 0, 0..<rows)),
          recurrent: try layout.unpack(own.slice(axis: 0, rows..<2 * rows)))
      } ?? .none)
  }

  /// The activations of every direction.
  ///
  /// Numbers of `activation_alpha` and `activation_beta` belong, in order, to the functions that
  /// take one.
  func activations(_ builder: GraphBuilder) throws(CheckpointError) -> [[Activation]] {
    let count = kind.activations.count * isBackward.count
    let names =
      try call.texts("activations", builder)
      ?? (0..<isBackward.count).flatMap { _ in kind.activations }
    guard names.count == count else {
      throw call.problem("has \(names.count) activations", builder, expected: "\(count)")
    }
    var alphas = try call.floats("activation_alpha", builder)[...]
    var betas = try call.floats("activation_beta", builder)[...]
    var functions: [Activation] = []
    for name in names {
      func alpha(_ value: Double) -> Double { alphas.popFirst() ?? value }
      func beta(_ value: Double) -> Double { betas.popFirst() ?? value }
      switch name.lowercased() {
      case "sigmoid": functions.append(.sigmoid)
      case "tanh": functions.append(.tanh)
      case "relu": functions.append(.relu)
      case "softsign": functions.append(.softsign)
      case "softplus": functions.append(.softplus)
      case "leakyrelu": functions.append(.leakyReLU(slope: alpha(0.01)))
      case "elu": functions.append(.elu(alpha: alpha(1)))
      case "thresholdedrelu": functions.append(.threshold(at: alpha(1), otherwise: 0))
      case "hardsigmoid": functions.append(.hardSigmoid(slope: alpha(0.2), offset: beta(0.5)))
      case "affine":
        let (slope, offset) = (alpha(1), beta(0))
        functions.append(
          slope == 1 && offset == 0 ? .linear : .affine(slope: slope, offset: offset))
      case "scaledtanh":
        let (scale, slope) = (alpha(1), beta(1))
        functions.append(
          scale == 1 && slope == 1 ? .tanh : .scaledTanh(scale: scale, slope: slope))
      default: throw call.problem("has the activation '\(name)'", builder)
      }
    }
    let own = kind.activations.count
    if call.attributes["clip"] != nil {
      let limit = try call.float("clip", builder, default: 0)
      guard limit > 0 else { throw call.problem("has a 'clip' of \(limit)", builder) }
      // What is applied to the cell is not clipped (onnxruntime, uni_directional_lstm.cc).
      for index in functions.indices where index % own < 2 {
        functions[index] = .clipped(functions[index], limit: limit)
      }
    }
    return isBackward.indices.map { Array(functions[$0 * own..<($0 + 1) * own]) }
  }
}

/// A recurrent operator.
struct ONNXRecurrentKind: Sendable {
  /// The name.
  let name: String
  /// The number of gates.
  let gates: Int
  /// The activations unless others are named.
  let activations: [String]
  /// The number of states.
  let states: Int
  /// How many inputs there may be.
  var inputs: Int { gates == 4 ? 8 : 6 }
  /// Makes the cell of one direction.
  let cell:
    @Sendable (ONNXRecurrentCall, Int, [Activation], GraphBuilder) throws(CheckpointError)
      -> RecurrentCell
}
