import RecurContainers
import RecurModel

/// The activations a config can name, by the version that gives the names their meaning.
func kerasActivation(_ name: String, _ version: KerasVersion) -> Activation? {
  switch name {
  case "hard_sigmoid": return version.isKeras3 ? .hardSigmoidOfSixths : .hardSigmoidOfFifths
  default: return kerasActivationNames.first { $0.name == name }?.activation
  }
}

/// Every name that means the same in all versions (keras/src/activations/__init__.py).
let kerasActivationNames: [(name: String, activation: Activation)] = [
  ("linear", .linear), ("relu", .relu), ("relu6", .relu6),
  ("leaky_relu", .leakyReLU(slope: 0.2)), ("elu", .elu(alpha: 1)), ("selu", .selu),
  ("celu", .celu(alpha: 1)), ("sigmoid", .sigmoid), ("log_sigmoid", .logSigmoid), ("tanh", .tanh),
  ("hard_tanh", .hardTanh), ("tanh_shrink", .tanhShrink), ("softmax", .softmax),
  ("log_softmax", .logSoftmax), ("softplus", .softplus), ("softsign", .softsign),
  ("soft_shrink", .softShrink(threshold: 0.5)), ("hard_shrink", .hardShrink(threshold: 0.5)),
  ("exponential", .exponential), ("silu", .silu), ("swish", .silu), ("hard_silu", .hardSilu),
  ("hard_swish", .hardSilu), ("gelu", .gelu(isApproximate: false)), ("mish", .mish),
  ("squareplus", .squareplus(b: 4)), ("glu", .glu), ("sparsemax", .sparsemax),
  ("sparse_plus", .sparsePlus), ("sparse_sigmoid", .sparseSigmoid),
]

/// Activations that are layers of their own, with their parameters.
enum KerasActivationLayers {
  static let classes: Set<String> = ["ReLU", "LeakyReLU", "ELU", "Softmax", "ThresholdedReLU"]

  /// The function of a layer of one of these classes.
  static func activation(
    _ className: String, _ options: inout KerasOptions, _ version: KerasVersion, rank: Int?
  ) -> Activation {
    switch className {
    case "Activation": return options.activation("activation", version)
    case "ReLU":
      let maximum = options.optionalNumber("max_value")
      let slope = options.number("negative_slope", default: 0)
      let threshold = options.number("threshold", default: 0)
      switch (maximum, slope, threshold) {
      case (nil, 0, 0): return .relu
      case (6, 0, 0): return .relu6
      case (nil, _, 0): return .leakyReLU(slope: slope)
      default: return .rectifier(maximum: maximum, slope: slope, threshold: threshold)
      }
    case "LeakyReLU":
      // `alpha` until Keras 3 renamed it; the default stayed 0.3.
      let alpha = options.number("alpha", default: 0.3)
      return .leakyReLU(slope: options.number("negative_slope", default: alpha))
    case "ELU": return .elu(alpha: options.number("alpha", default: 1))
    case "ThresholdedReLU":
      return .threshold(at: options.number("theta", default: 1), otherwise: 0)
    default:
      let axis = options.value("axis") ?? -1
      let number = axis.integer ?? (axis.array?.count == 1 ? axis.array?[0].integer : nil)
      if number != -1, number == nil || number != rank.map({ $0 - 1 }) {
        options.refuse("axis", because: "only the last axis is supported")
      }
      return .softmax
    }
  }
}
