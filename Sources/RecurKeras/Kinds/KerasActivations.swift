import RecurModel

/// The activations that a config can name; the version of Keras decides what a name means.
func kerasActivation(_ name: String, _ version: KerasVersion) -> Activation? {
  switch name {
  case "hard_sigmoid": return version.isKeras3 ? .hardSigmoidOfSixths : .hardSigmoidOfFifths
  default: return kerasActivationNames.first { $0.name == name }?.activation
  }
}

/// Every name with the same meaning in all versions (keras/src/activations/__init__.py).
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
