import RecurContainers
import RecurModel
import RecurTensors

/// An activation in the words of a Keras file.
struct KerasActivationForm: Sendable {
  /// The name of a function, or a layer with its class and options.
  enum Word: Sendable {
    case name(String)
    case layer(String, [(name: String, value: JSONValue)])
  }

  var word: Word
  /// The factor for x, with which the function of the target equals the function of the model.
  var inputScale = 1.0

  /// The form of `activation` in `target`, or nil when it has none.
  init?(_ activation: Activation, _ target: KerasTarget) {
    if case .hardSigmoid(let slope, let offset) = activation {
      guard offset == 0.5, slope > 0 else { return nil }
      word = .name("hard_sigmoid")
      // In binary64, 6 · 0.2 is not the number nearest to 1.2.
      let ratio = slope == 0.2 ? 1.2 : 6 * slope
      inputScale = slope == target.hardSigmoidSlope ? 1 : target.isKeras3 ? ratio : 5 * slope
      return
    }
    guard let word = activation.kerasWord(target) else { return nil }
    self.word = word
  }

  /// The value of an option `activation` in a layer of this policy.
  func value(_ target: KerasTarget, _ policy: KerasPolicy) -> JSONValue {
    switch word {
    case .name(let name): return .string(name)
    case .layer(let className, let options):
      var form = KerasLayerForm(
        className: className, name: className.snakeCased, options: options)
      form.policy = policy
      return form.object(target)
    }
  }
}
