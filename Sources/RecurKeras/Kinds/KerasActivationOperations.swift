import RecurContainers
import RecurModel

/// The operations of keras.ops that are activations.
enum KerasActivationOperations {
  /// The operations in any order.
  static let classes =
    plain.map { name, activation in
      KerasClass.operation(name, followsInput: true) { _ in .activation(activation) }
    } + [
      numbered("LeakyRelu", "negative_slope", 0.2) { .leakyReLU(slope: $0) },
      numbered("Elu", "alpha", 1) { .elu(alpha: $0) },
      numbered("Celu", "alpha", 1) { .celu(alpha: $0) },
      numbered("SoftShrink", "threshold", 0.5) { .softShrink(threshold: $0) },
      numbered("HardShrink", "threshold", 0.5) { .hardShrink(threshold: $0) },
      KerasClass.operation("Gelu", followsInput: true) { reader in
        .activation(.gelu(isApproximate: reader.options.bool("approximate", default: true)))
      },
    ]

  /// The operation of a function that no activation names, and its options.
  static func form(
    _ activation: Activation
  ) -> (name: String, options: [(name: String, value: JSONValue)])? {
    switch activation {
    case .gelu(isApproximate: true): ("Gelu", [("approximate", true)])
    case .celu(let alpha): ("Celu", [("alpha", .number(alpha))])
    case .softShrink(let threshold): ("SoftShrink", [("threshold", .number(threshold))])
    case .hardShrink(let threshold): ("HardShrink", [("threshold", .number(threshold))])
    default: nil
    }
  }

  private static let plain: [(String, Activation)] = [
    ("Relu", .relu), ("Relu6", .relu6), ("Selu", .selu), ("Sigmoid", .sigmoid),
    ("HardSigmoid", .hardSigmoidOfSixths), ("LogSigmoid", .logSigmoid), ("Tanh", .tanh),
    ("HardTanh", .hardTanh), ("TanhShrink", .tanhShrink), ("Softplus", .softplus),
    ("Softsign", .softsign), ("Silu", .silu), ("HardSilu", .hardSilu), ("Exp", .exponential),
  ]

  /// An operation with one option.
  private static func numbered(
    _ name: String, _ option: String, _ usual: Double,
    _ make: @escaping @Sendable (Double) -> Activation
  ) -> KerasClass {
    KerasClass.operation(name, followsInput: true) { reader in
      .activation(make(reader.options.number(option, default: usual)))
    }
  }
}
