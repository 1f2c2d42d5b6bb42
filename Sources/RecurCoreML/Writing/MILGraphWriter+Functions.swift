import RecurModel
import RecurTensors

// Functions of every element.
extension MILGraphWriter {
  /// A function of a value.
  ///
  /// - Throws: `model.unrepresentable` for one that has no operation.
  mutating func activated(
    _ x: MILWritten, _ function: Activation, _ call: CoreMLLayerCall
  ) throws(CheckpointError) -> MILWritten {
    if let plain = Self.plain(function, x.type) { return map(plain.name, x, plain.numbers) }
    switch function {
    case .linear: return x
    case .softmax: return map("softmax", x, [("axis", .int(-1))])
    case .logSoftmax:
      let shape = x.shape.dropLast() + [.fixed(1)]
      let sum = apply(
        "reduce_log_sum_exp",
        [("x", .value(x)), ("axes", .ints([-1])), ("keep_dims", .flag(true))],
        shape: Array(shape), as: x.type)
      return subtract(x, sum)
    case .selu:
      return multiply(
        map("elu", x, [("alpha", .number(1.6732632423543772848170429916717, x.type))]),
        by: 1.0507009873554804934193349852946)
    case .hardTanh: return clip(x, -1, 1)
    case .logSigmoid: return multiply(map("softplus", multiply(x, by: -1)), by: -1)
    case .tanhShrink: return subtract(x, map("tanh", x))
    case .softShrink(let threshold): return subtract(x, clip(x, -threshold, threshold))
    case .hardSilu:
      return multiply(
        x,
        map(
          "sigmoid_hard", x, [("alpha", .number(1.0 / 6, x.type)), ("beta", .number(0.5, x.type))]))
    case .mish: return multiply(x, map("tanh", map("softplus", x)))
    case .sparseSigmoid: return clip(add(multiply(x, by: 0.5), number: 0.5), 0, 1)
    case .clipped(let inner, let limit): return try activated(clip(x, -limit, limit), inner, call)
    default:
      throw call.unrepresentable(
        "has the function \(function.name), for which Core ML has no operation")
    }
  }

  /// Values kept within bounds.
  mutating func clip(_ x: MILWritten, _ low: Double, _ high: Double) -> MILWritten {
    map("clip", x, [("alpha", .number(low, x.type)), ("beta", .number(high, x.type))])
  }

  /// The operation that is a function; nil for one made of several, or without one.
  private static func plain(
    _ function: Activation, _ type: ElementType
  ) -> (name: String, numbers: [(String, MILArgument)])? {
    func numbers(_ alpha: Double, _ beta: Double) -> [(String, MILArgument)] {
      [("alpha", .number(alpha, type)), ("beta", .number(beta, type))]
    }
    switch function {
    case .relu: return ("relu", [])
    case .relu6: return ("relu6", [])
    case .sigmoid: return ("sigmoid", [])
    case .tanh: return ("tanh", [])
    case .softplus: return ("softplus", [])
    case .softsign: return ("softsign", [])
    case .silu: return ("silu", [])
    case .exponential: return ("exp", [])
    case .leakyReLU(let slope): return ("leaky_relu", [("alpha", .number(slope, type))])
    case .elu(let alpha): return ("elu", [("alpha", .number(alpha, type))])
    case .hardSigmoid(let slope, let offset): return ("sigmoid_hard", numbers(slope, offset))
    case .scaledTanh(let scale, let slope): return ("scaled_tanh", numbers(scale, slope))
    case .affine(let slope, let offset): return ("linear_activation", numbers(slope, offset))
    case .gelu(let isApproximate):
      return ("gelu", [("mode", .text(isApproximate ? "TANH_APPROXIMATION" : "EXACT"))])
    default: return nil
    }
  }
}
