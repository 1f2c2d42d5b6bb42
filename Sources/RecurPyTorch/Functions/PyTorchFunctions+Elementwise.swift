import RecurModel
import RecurTensors

// Functions of every element by itself.
extension PyTorchFunctions {
  /// Activations of torch.nn.functional, with torch's arguments and defaults.
  static let activations: [PyTorchFunction] = plainActivations + activationsWithArguments

  private static let plainActivations: [PyTorchFunction] =
    ([
      "relu": .relu, "relu6": .relu6, "selu": .selu, "sigmoid": .sigmoid,
      "hardsigmoid": .hardSigmoidOfSixths, "logsigmoid": .logSigmoid, "log_sigmoid": .logSigmoid,
      "tanh": .tanh, "tanhshrink": .tanhShrink, "softsign": .softsign, "silu": .silu,
      "hardswish": .hardSilu, "mish": .mish, "exp": .exponential,
    ] as [String: Activation]).map { (name: String, activation: Activation) in
      PyTorchFunction("\(name)(self)") { call throws(PyTorchFunctionProblem) in
        .tensor(try call.add(.activation(activation), try call.tensor("self")))
      }
    }

  private static let activationsWithArguments: [PyTorchFunction] = [
    PyTorchFunction("leaky_relu(self, negative_slope=0.01)") {
      call throws(PyTorchFunctionProblem) in
      try call.activated(.leakyReLU(slope: try call.number("negative_slope")))
    },
    // In evaluation, the slope is the middle of its range.
    PyTorchFunction("rrelu(self, lower=0.125, upper=0.3333333333333333, training=False)") {
      call throws(PyTorchFunctionProblem) in
      try call.refuseTraining()
      let slope = (try call.number("lower") + call.number("upper")) / 2
      return try call.activated(.leakyReLU(slope: slope))
    },
    PyTorchFunction("elu(self, alpha=1, scale=1, input_scale=1)") {
      call throws(PyTorchFunctionProblem) in
      guard try call.number("scale") == 1, try call.number("input_scale") == 1 else {
        throw PyTorchFunctionProblem("other scales than 1 are not supported")
      }
      return try call.activated(.elu(alpha: try call.number("alpha")))
    },
    PyTorchFunction("celu(self, alpha=1)") { call throws(PyTorchFunctionProblem) in
      try call.activated(.celu(alpha: try call.number("alpha")))
    },
    PyTorchFunction("hardtanh(self, min_val=-1, max_val=1)") {
      call throws(PyTorchFunctionProblem) in
      let (low, high) = (try call.number("min_val"), try call.number("max_val"))
      if (low, high) == (-1, 1) { return try call.activated(.hardTanh) }
      if (low, high) == (0, 6) { return try call.activated(.relu6) }
      return try call.clamped(low, high)
    },
    PyTorchFunction("softplus(self, beta=1, threshold=20)") {
      call throws(PyTorchFunctionProblem) in
      let beta = try call.number("beta")
      // Beyond its threshold, torch's softplus is x itself; at 20 this differs by 2.1e-9.
      guard try call.number("threshold") >= 20, beta != 0 else {
        throw PyTorchFunctionProblem("a threshold below 20, or a beta of 0, is not supported")
      }
      guard beta != 1 else { return try call.activated(.softplus) }
      let scaled = try call.binary(.multiply, try call.tensor("self"), beta)
      let y = try call.add(.activation(.softplus), scaled)
      return .tensor(try call.binary(.divide, y, beta))
    },
    PyTorchFunction("gelu(self, approximate=none)") { call throws(PyTorchFunctionProblem) in
      let word = try call.word("approximate")
      guard ["none", "tanh"].contains(word) else {
        throw call.wrong("approximate", "\"none\" or \"tanh\"")
      }
      return try call.activated(.gelu(isApproximate: word == "tanh"))
    },
    PyTorchFunction("softshrink(self, lambd=0.5)") { call throws(PyTorchFunctionProblem) in
      try call.activated(.softShrink(threshold: try call.number("lambd")))
    },
    PyTorchFunction("hardshrink(self, lambd=0.5)") { call throws(PyTorchFunctionProblem) in
      try call.activated(.hardShrink(threshold: try call.number("lambd")))
    },
    PyTorchFunction("threshold(self, threshold, value)") { call throws(PyTorchFunctionProblem) in
      try call.activated(
        .threshold(at: try call.number("threshold"), otherwise: try call.number("value")))
    },
    PyTorchFunction("glu(self, dim=-1)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axis = try call.axis("dim", of: x)
      guard try axis != call.rank(x) - 1 else { return try call.activated(.glu) }
      let half = try call.extent(x, axis) / 2
      let parts = [0..<half, half..<2 * half]
      guard try call.extent(x, axis) % 2 == 0 else {
        throw PyTorchFunctionProblem("axis \(axis) has no halves")
      }
      let value = try call.sliced(x, axis, parts[0])
      let gate = try call.add(.activation(.sigmoid), try call.sliced(x, axis, parts[1]))
      return .tensor(try call.add(.merge(.multiply), value, gate))
    },
    PyTorchFunction("softmax(self, dim=None, dtype=None)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.softmax(try call.tensor("self"), isLogarithm: false))
    },
    PyTorchFunction("log_softmax(self, dim=None, dtype=None)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.softmax(try call.tensor("self"), isLogarithm: true))
    },
    PyTorchFunction("softmin(self, dim=None, dtype=None)") {
      call throws(PyTorchFunctionProblem) in
      let turned = try call.add(.unary(.negative), try call.tensor("self"))
      return .tensor(try call.softmax(turned, isLogarithm: false))
    },
    PyTorchFunction("clamp(self, min=None, max=None)") { call throws(PyTorchFunctionProblem) in
      if call["min"].tensor != nil || call["max"].tensor != nil {
        var x = try call.tensor("self")
        for (name, function) in [("min", Binary.Function.maximum), ("max", .minimum)]
        where !call[name].isNone { x = try call.binary(function, .tensor(x), call[name]) }
        return .tensor(x)
      }
      let low = call["min"].isNone ? nil : try call.number("min")
      return try call.clamped(low, call["max"].isNone ? nil : try call.number("max"))
    },
    PyTorchFunction("clamp_min(self, min)") { call throws(PyTorchFunctionProblem) in
      try call.clamped(try call.number("min"), nil)
    },
    PyTorchFunction("clamp_max(self, max)") { call throws(PyTorchFunctionProblem) in
      try call.clamped(nil, try call.number("max"))
    },
    PyTorchFunction("prelu(self, weight)") { call throws(PyTorchFunctionProblem) in
      try call.parametricReLU()
    },
  ]

  /// Functions of one number.
  static let unary: [PyTorchFunction] = plainUnary + otherUnary

  private static let plainUnary: [PyTorchFunction] =
    ([
      "expm1": .expm1, "log": .log, "log1p": .log1p, "log2": .log2, "log10": .log10,
      "sqrt": .squareRoot, "rsqrt": .reciprocalSquareRoot, "square": .square, "abs": .absolute,
      "neg": .negative, "sign": .sign, "reciprocal": .reciprocal, "floor": .floor,
      "ceil": .ceiling, "trunc": .truncate, "sin": .sine, "cos": .cosine, "tan": .tangent,
      "asin": .inverseSine, "acos": .inverseCosine, "atan": .inverseTangent,
      "sinh": .hyperbolicSine, "cosh": .hyperbolicCosine, "erf": .errorFunction,
      "logical_not": .not, "isnan": .isNaN, "isfinite": .isFinite,
    ] as [String: Unary]).map { (name: String, function: Unary) in
      PyTorchFunction("\(name)(self)") { call throws(PyTorchFunctionProblem) in
        .tensor(try call.add(.unary(function), try call.tensor("self")))
      }
    }

  private static let otherUnary: [PyTorchFunction] = [
    PyTorchFunction("round(self, decimals=0)") { call throws(PyTorchFunctionProblem) in
      guard try call.integer("decimals") == 0 else {
        throw call.wrong("decimals", "0")
      }
      return .tensor(try call.add(.unary(.round), try call.tensor("self")))
    },
    PyTorchFunction("bitwise_not(self)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      guard x.kind == .boolean else {
        throw PyTorchFunctionProblem("bits of numbers are not supported, only Booleans are")
      }
      return .tensor(try call.add(.unary(.not), x))
    },
    PyTorchFunction("frac(self)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let whole = try call.add(.unary(.truncate), x)
      return .tensor(try call.binary(.subtract, .tensor(x), .tensor(whole)))
    },
  ]
}

extension PyTorchFunctionCall {
  /// The function of `self`.
  mutating func activated(
    _ activation: Activation
  ) throws(PyTorchFunctionProblem) -> PyTorchArgument {
    .tensor(try add(.activation(activation), try tensor("self")))
  }

  mutating func clamped(
    _ low: Double?, _ high: Double?
  ) throws(PyTorchFunctionProblem) -> PyTorchArgument {
    guard !((low ?? 0).isNaN || (high ?? 0).isNaN) else {
      throw PyTorchFunctionProblem("a bound is not a number")
    }
    return .tensor(try add(.clamp(Clamp(minimum: low, maximum: high)), try tensor("self")))
  }

  /// softmax along `dim`, or its logarithm.
  mutating func softmax(
    _ x: PyTorchTensor, isLogarithm: Bool
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    guard !self["dim"].isNone else {
      throw PyTorchFunctionProblem("its argument 'dim' is missing, the axis along which it works")
    }
    let axis = try axis("dim", of: x)
    guard try axis != rank(x) - 1 else {
      return try add(.activation(isLogarithm ? .logSoftmax : .softmax), x)
    }
    return try add(.softmax(Softmax(axes: [axis], isLogarithm: isLogarithm)), x)
  }

  /// PReLU with one slope, or one per channel, the second axis.
  fileprivate mutating func parametricReLU() throws(PyTorchFunctionProblem) -> PyTorchArgument {
    let x = try tensor("self")
    let (slopes, rank) = (try weight("weight"), try rank(x))
    guard rank > 1 else { throw PyTorchFunctionProblem("it needs an axis behind the batch") }
    var shape = [Int](repeating: 1, count: rank - 1)
    shape[0] = slopes.count
    let alpha = try shaped(slopes, shape)
    return .tensor(try add(.parametricReLU(ParametricReLU(alpha: alpha)), x))
  }

  /// Refuses a call that says that it trains.
  func refuseTraining(_ name: String = "training") throws(PyTorchFunctionProblem) {
    guard try !flag(name) else {
      throw PyTorchFunctionProblem("it is called as in training; only evaluation is supported")
    }
  }
}
