import RecurModel
import RecurTensors

// Functions of every element, in operators that run in every floating-point type.
extension ONNXGraphWriter {
  /// A function on a value that has its channels behind the batch; the result has them last.
  mutating func activatedChannels(
    _ y: ONNXValue, _ function: Activation, _ call: ONNXLayerCall
  ) throws(CheckpointError) -> ONNXValue {
    guard function.traits.isElementwise else {
      return try activated(channelsLast(y, call.rank), function, call)
    }
    return channelsLast(try activated(y, function, call), call.rank)
  }

  /// A function of a value.
  ///
  /// - Throws: `model.unrepresentable`.
  mutating func activated(
    _ x: ONNXValue, _ function: Activation, _ call: ONNXLayerCall
  ) throws(CheckpointError) -> ONNXValue {
    // ONNX Runtime has few operators in float64.
    if let own = plain(function, isWide: x.type == .float64) {
      return apply(own.name, x, attributes: own.attributes)
    }
    switch function {
    case .linear: return x
    case .glu:
      let half = try width(call, function) / 2
      let parts = split(x, axis: -1, sizes: [half, half])
      return multiply(parts[0], apply("Sigmoid", parts[1]))
    case .sparsemax: return sparsemax(x, width: try width(call, function))
    case .clipped(let inner, let limit):
      return try activated(clip(x, -limit, limit), inner, call)
    default: return composed(x, function)
    }
  }

  /// The width of the last axis to which a function is applied.
  private func width(
    _ call: ONNXLayerCall, _ function: Activation
  ) throws(CheckpointError) -> Int {
    let shape = (try? call.node.layer.outputShapes(call.shapes, named: ""))?.first
    guard let width = shape?.last?.value else {
      throw call.unrepresentable("applies \(function.name) to an axis of a free extent")
    }
    return function == .glu ? width * 2 : width
  }

  /// The operator that is the function; nil for a function made of several.
  private func plain(
    _ function: Activation, isWide: Bool
  ) -> (name: String, attributes: [ONNXAttributeForm])? {
    switch function {
    case .relu: return ("Relu", [])
    case .sigmoid: return ("Sigmoid", [])
    case .tanh: return ("Tanh", [])
    case .exponential: return ("Exp", [])
    case .softmax: return ("Softmax", [.integer("axis", -1)])
    case .logSoftmax: return ("LogSoftmax", [.integer("axis", -1)])
    default: break
    }
    guard !isWide else { return nil }
    switch function {
    case .leakyReLU(let slope): return ("LeakyRelu", [.float("alpha", slope)])
    case .elu(let alpha): return ("Elu", [.float("alpha", alpha)])
    case .selu: return ("Selu", [])
    case .hardSigmoid(let slope, let offset):
      return ("HardSigmoid", [.float("alpha", slope), .float("beta", offset)])
    case .softplus: return ("Softplus", [])
    case .softsign: return ("Softsign", [])
    default: return nil
    }
  }

  /// The function in several operators.
  private mutating func composed(_ x: ONNXValue, _ function: Activation) -> ONNXValue {
    switch function {
    case .relu6: return clip(x, 0, 6)
    case .hardTanh: return clip(x, -1, 1)
    case .leakyReLU(let slope):
      return choose(compare("GreaterOrEqual", x, 0), x, multiply(x, slope))
    case .elu(let alpha): return elu(x, alpha)
    case .selu:
      return multiply(elu(x, 1.6732632423543772848170429916717), 1.0507009873554804934193349852946)
    case .celu(let alpha):
      let power = subtract(apply("Exp", divide(clip(x, nil, 0), alpha)), 1)
      return add(apply("Relu", x), multiply(power, alpha))
    case .hardSigmoid(let slope, let offset):
      return clip(add(multiply(x, slope), offset), 0, 1)
    case .sparseSigmoid: return clip(divide(add(x, 1), 2), 0, 1)
    case .softplus: return softplus(x)
    case .logSigmoid: return apply("Neg", softplus(apply("Neg", x)))
    case .softsign: return divide(x, add(apply("Abs", x), 1))
    case .tanhShrink: return subtract(x, apply("Tanh", x))
    case .softShrink(let threshold): return subtract(x, clip(x, -threshold, threshold))
    case .hardShrink(let threshold):
      return choose(compare("Greater", apply("Abs", x), threshold), x, number(0, x.type))
    case .silu: return multiply(x, apply("Sigmoid", x))
    case .hardSilu: return multiply(x, clip(add(divide(x, 6), 0.5), 0, 1))
    case .gelu(let isApproximate): return multiply(multiply(x, 0.5), gelu(x, isApproximate))
    case .mish: return multiply(x, apply("Tanh", softplus(x)))
    case .squareplus(let b):
      return divide(add(x, apply("Sqrt", add(multiply(x, x), b))), 2)
    case .sparsePlus:
      let middle = divide(multiply(add(x, 1), add(x, 1)), 4)
      let upper = choose(compare("Less", x, 1), middle, x)
      return choose(compare("LessOrEqual", x, -1), number(0, x.type), upper)
    case .threshold(let at, let otherwise):
      return choose(compare("Greater", x, at), x, number(otherwise, x.type))
    case .rectifier(let top, let slope, let threshold):
      let upper = top.map { clip(x, nil, $0) } ?? x
      let lower = multiply(subtract(x, threshold), slope)
      return choose(compare("GreaterOrEqual", x, threshold), upper, lower)
    case .affine(let slope, let offset): return add(multiply(x, slope), offset)
    case .scaledTanh(let scale, let slope):
      return multiply(apply("Tanh", multiply(x, slope)), scale)
    case .linear, .relu, .sigmoid, .tanh, .exponential, .softmax, .logSoftmax, .glu, .sparsemax,
      .clipped:
      // Those were written before.
      return x
    }
  }

  private mutating func elu(_ x: ONNXValue, _ alpha: Double) -> ONNXValue {
    let power = subtract(apply("Exp", clip(x, nil, 0)), 1)
    return choose(compare("Greater", x, 0), x, multiply(power, alpha))
  }

  private mutating func softplus(_ x: ONNXValue) -> ONNXValue {
    guard x.type == .float64 else { return apply("Softplus", x) }
    let power = apply("Exp", apply("Neg", apply("Abs", x)))
    return add(apply("Relu", x), apply("Log", add(power, 1)))
  }

  /// Twice the share of x.
  private mutating func gelu(_ x: ONNXValue, _ isApproximate: Bool) -> ONNXValue {
    guard isApproximate else { return add(apply("Erf", divide(x, 2.0.squareRoot())), 1) }
    let cube = multiply(multiply(x, x), x)
    let inner = multiply(add(x, multiply(cube, 0.044715)), 0.7978845608028654)
    return add(apply("Tanh", inner), 1)
  }

  /// The threshold is made of the sums of the largest elements; see `Activation.sparsemax`.
  private mutating func sparsemax(_ x: ONNXValue, width: Int) -> ONNXValue {
    let sorted = apply(
      "TopK", [x, integers([width])], [.integer("axis", -1)], types: [x.type, .int64])[0]
    // Sums of the first elements, by a triangle of ones.
    let ones = (0..<width).flatMap { row in (0..<width).map { row <= $0 ? 1.0 : 0 } }
    let sums = product(sorted, numbers(ones, x.type, shape: [width, width]))
    let counts = numbers((1...width).map(Double.init), x.type, shape: [width])
    let isKept = compare(
      "Greater", subtract(sorted, divide(subtract(sums, 1), counts)), 0)
    func total(_ values: ONNXValue) -> ONNXValue {
      reduced(
        "ReduceSum", choose(isKept, values, number(0, x.type)), axes: [-1], keepsAxes: true)
    }
    let kept = reduced("ReduceSum", cast(isKept, to: x.type), axes: [-1], keepsAxes: true)
    return apply("Relu", subtract(x, divide(subtract(total(sums), 1), kept)))
  }

  // MARK: other functions

  /// Where a value, rounded to a type, is not a number that is rounded to it.
  ///
  /// ONNX Runtime leaves out casts to 16 bits and back, so what is rounded to such a number is told by
  /// its bounds.
  mutating func differing(
    _ x: ONNXValue, from number: Double, roundedTo type: ElementType
  ) -> ONNXValue {
    guard type.isHalfWidthFloat else {
      return apply("Not", compare("Equal", cast(x, to: type), number))
    }
    let wide = cast(x, to: .float32)
    guard type.rounded(number) == number else {
      // No number is rounded to one that the type does not have.
      return apply("Not", compare("Equal", wide, .nan))
    }
    guard let bounds = type.roundingBounds(of: number) else {
      return apply("Not", compare("Equal", wide, number))
    }
    return compare(
      "Or", compare(bounds.isInside ? "Less" : "LessOrEqual", wide, bounds.low),
      compare(bounds.isInside ? "Greater" : "GreaterOrEqual", wide, bounds.high))
  }

  /// (x − μ)/√(σ² + ε), with mean and variance over some axes.
  mutating func standardized(_ x: ONNXValue, axes: [Int], epsilon: Double) -> ONNXValue {
    let distance = subtract(x, reduced("ReduceMean", x, axes: axes, keepsAxes: true))
    let variance = reduced(
      "ReduceMean", multiply(distance, distance), axes: axes, keepsAxes: true)
    return divide(distance, apply("Sqrt", add(variance, epsilon)))
  }

  /// The numbers 0, 1, … along an axis of a value of `rank` axes.
  mutating func positions(_ count: Int, axis: Int, rank: Int) -> ONNXValue {
    var shape = [Int](repeating: 1, count: rank)
    shape[axis] = count
    return numbers((0..<count).map(Double.init), .float64, shape: shape)
  }

  /// For scores `[…, queries, timesteps]`, whether the timestep is not behind the query.
  mutating func past(_ scores: ONNXValue) -> ONNXValue {
    // The numbers of the positions, by sums of ones.
    let ones = cast(compare("Equal", scores, scores), to: .int64)
    let every = apply("Max", ones, number(1, .int64))
    func places(_ axis: Int) -> ONNXValue {
      apply("CumSum", every, numbers([Double(axis)], .int64, shape: []))
    }
    return compare("LessOrEqual", places(-1), places(-2))
  }
}

extension ElementType {
  /// The numbers that a type of 16 bits rounds to the same number as `value`: the ends of their range,
  /// and whether the ends are among them; nil for numbers that are not finite.
  fileprivate func roundingBounds(
    of value: Double
  ) -> (low: Double, high: Double, isInside: Bool)? {
    let own = rounded(value)
    guard own.isFinite else { return nil }
    let (digits, least) = self == .float16 ? (10, -14) : (7, -126)
    let exponent = own == 0 ? least : max(Int(own.exponent), least)
    let step = Double(sign: .plus, exponent: exponent - digits, significand: 1)
    // Below a power of two, numbers are twice as close.
    let isPower = own != 0 && own.significand == 1 && exponent > least
    let (toZero, away) = (isPower ? step / 4 : step / 2, step / 2)
    let isEven = (own / step).truncatingRemainder(dividingBy: 2) == 0
    return own < 0
      ? (own - away, own + toZero, isEven) : (own - toZero, own + away, isEven)
  }
}
