import RecurContainers
import RecurModel
import RecurTensors

/// How an activation is said to Keras.
struct KerasActivationForm: Sendable {
  /// A name, or a layer by class and options.
  enum Word: Sendable {
    case name(String)
    case layer(String, [(name: String, value: JSONValue)])
  }

  var word: Word
  /// What x must be multiplied by first, so that the target's function is the meant one.
  var inputScale = 1.0

  /// The form of `activation` in `target`, or nil when it has none.
  init?(_ activation: Activation, _ target: KerasTarget) {
    if case .hardSigmoid(let slope, let offset) = activation {
      guard offset == 0.5, slope > 0 else { return nil }
      word = .name("hard_sigmoid")
      // 6 · 0.2 is not the number nearest to 1.2.
      let ratio = slope == 0.2 ? 1.2 : 6 * slope
      inputScale = slope == target.hardSigmoidSlope ? 1 : target.isKeras3 ? ratio : 5 * slope
      return
    }
    guard let word = Self.word(activation, target) else { return nil }
    self.word = word
  }

  private static func word(_ activation: Activation, _ target: KerasTarget) -> Word? {
    switch activation {
    case .leakyReLU(let slope) where slope != 0.2 || !target.isKeras3:
      let option = target.isKeras3 ? "negative_slope" : "alpha"
      return .layer("LeakyReLU", [(option, .number(slope))])
    case .elu(let alpha) where alpha != 1: return .layer("ELU", [("alpha", .number(alpha))])
    case .relu6 where !target.isKeras3:
      return rectifier(maximum: 6, slope: 0, threshold: 0)
    case .rectifier(let maximum, let slope, let threshold):
      return rectifier(maximum: maximum, slope: slope, threshold: threshold)
    case .threshold(let at, let otherwise):
      // Keras 3 has no ThresholdedReLU; its ReLU with a threshold is the same function.
      guard otherwise == 0, at >= 0 else { return nil }
      return target.isKeras3
        ? rectifier(maximum: nil, slope: 0, threshold: at)
        : .layer("ThresholdedReLU", [("theta", .number(at))])
    default:
      let name = kerasActivationNames.first { $0.activation == activation }?.name
      guard let name else { return nil }
      guard !target.isKeras3 else { return .name(name) }
      return namesOfKeras2.contains(name) ? .name(name == "silu" ? "swish" : name) : nil
    }
  }

  private static func rectifier(maximum: Double?, slope: Double, threshold: Double) -> Word {
    .layer(
      "ReLU",
      [
        ("max_value", maximum.map { .number($0) } ?? .null), ("negative_slope", .number(slope)),
        ("threshold", .number(threshold)),
      ])
  }

  /// The names that tf.keras 2 knows (tf_keras/src/activations.py).
  private static let namesOfKeras2: Set<String> = [
    "elu", "exponential", "gelu", "linear", "mish", "relu", "selu", "sigmoid", "silu", "softmax",
    "softplus", "softsign", "tanh",
  ]

  /// The value of an option `activation`; a layer computes in `policy`.
  func value(_ target: KerasTarget, _ policy: KerasPolicy) -> JSONValue {
    switch word {
    case .name(let name): return .string(name)
    case .layer(let className, let options):
      var form = KerasLayerForm(
        className: className, name: KerasPathNames.snakeCase(className), options: options)
      form.policy = policy
      return KerasConfigWriter(target).object(form)
    }
  }
}
