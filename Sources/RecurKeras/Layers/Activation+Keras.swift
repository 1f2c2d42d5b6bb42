import RecurContainers
import RecurModel

extension Activation: KerasLayer {
  static let classes =
    [
      layer("Activation") { options, version, _ in options.activation("activation", version) },
      layer("ReLU") { options, _, _ in
        let maximum = options.optionalNumber("max_value")
        let slope = options.number("negative_slope", default: 0)
        let threshold = options.number("threshold", default: 0)
        switch (maximum, slope, threshold) {
        case (nil, 0, 0): return .relu
        case (6, 0, 0): return .relu6
        case (nil, _, 0): return .leakyReLU(slope: slope)
        default: return .rectifier(maximum: maximum, slope: slope, threshold: threshold)
        }
      },
      layer("LeakyReLU") { options, _, _ in
        // `alpha` until Keras 3 renamed it; the default stayed 0.3.
        let alpha = options.number("alpha", default: 0.3)
        return .leakyReLU(slope: options.number("negative_slope", default: alpha))
      },
      layer("ELU") { options, _, _ in .elu(alpha: options.number("alpha", default: 1)) },
      layer("ThresholdedReLU") { options, _, _ in
        .threshold(at: options.number("theta", default: 1), otherwise: 0)
      },
    ] + KerasActivationOperations.classes

  /// A class that is a layer, and may also be the value of an option `activation`.
  private static func layer(
    _ name: String, _ activation: @escaping KerasClass.ActivationReader
  ) -> KerasClass {
    KerasClass(name, activation: activation, input: .init(axes: .any)) { reader in
      .activation(activation(&reader.options, reader.version, reader.inputShapes.first?.count))
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard let form = KerasActivationForm(self, writer.target) else {
      if writer.target.holdsOperations, let (word, options) = KerasActivationOperations.form(self) {
        return writer.operation(word, name, options)
      }
      guard writer.target.holdsArchitecture else {
        return KerasLayerForm(className: "Activation", name: name)
      }
      writer.failForActivation(self)
      return nil
    }
    writer.inputScale = form.inputScale
    switch form.word {
    case .name(let word):
      return KerasLayerForm(
        className: "Activation", name: name, options: [("activation", .string(word))])
    case .layer(let className, let options):
      return KerasLayerForm(className: className, name: name, options: options)
    }
  }

  /// The name of the function in `target`; nil when the target has no name for it, or names it
  /// `hard_sigmoid`.
  func kerasWord(_ target: KerasTarget) -> KerasActivationForm.Word? {
    switch self {
    case .leakyReLU(let slope) where slope != 0.2 || !target.isKeras3:
      let option = target.isKeras3 ? "negative_slope" : "alpha"
      return .layer("LeakyReLU", [(option, .number(slope))])
    case .elu(let alpha) where alpha != 1: return .layer("ELU", [("alpha", .number(alpha))])
    case .relu6 where !target.isKeras3:
      return Self.rectifier(maximum: 6, slope: 0, threshold: 0)
    case .rectifier(let maximum, let slope, let threshold):
      return Self.rectifier(maximum: maximum, slope: slope, threshold: threshold)
    case .threshold(let at, let otherwise):
      // Keras 3 has no ThresholdedReLU. Its ReLU with a threshold is the same function.
      guard otherwise == 0, at >= 0 else { return nil }
      return target.isKeras3
        ? Self.rectifier(maximum: nil, slope: 0, threshold: at)
        : .layer("ThresholdedReLU", [("theta", .number(at))])
    default:
      let name = kerasActivationNames.first { $0.activation == self }?.name
      guard let name else { return nil }
      guard !target.isKeras3 else { return .name(name) }
      return Self.namesOfKeras2.contains(name) ? .name(name == "silu" ? "swish" : name) : nil
    }
  }

  private static func rectifier(
    maximum: Double?, slope: Double, threshold: Double
  ) -> KerasActivationForm.Word {
    .layer(
      "ReLU",
      [
        ("max_value", maximum.map { .number($0) } ?? .null), ("negative_slope", .number(slope)),
        ("threshold", .number(threshold)),
      ])
  }

  /// The function names that tf.keras 2 knows (tf_keras/src/activations.py).
  private static let namesOfKeras2: Set<String> = [
    "elu", "exponential", "gelu", "linear", "mish", "relu", "selu", "sigmoid", "silu", "softmax",
    "softplus", "softsign", "tanh",
  ]

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .passed }
}
