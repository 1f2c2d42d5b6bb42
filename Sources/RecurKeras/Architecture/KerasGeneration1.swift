import RecurContainers
import RecurModel

/// The words of Keras 1, said in those of Keras 2 (keras 2.0.9, keras/legacy/interfaces.py).
enum KerasGeneration1 {
  /// The class and options of one layer, renamed; what they mean is not touched.
  static func renamed(
    _ className: String, _ options: JSONObject
  ) -> (className: String, options: JSONObject) {
    var result = JSONObject()
    let known = Layer.kerasClassesOfGeneration1[className]
    let names = common.merging(known?.generation1.options ?? [:]) { $1 }
    for member in options.members {
      let name = names[member.name] ?? member.name
      // An old and a new name of one option can't both be there; the first would win silently.
      if !result.append(name, member.value) { _ = result.append(member.name, member.value) }
    }
    return (known?.name ?? className, result)
  }

  /// Options of several kinds; those of one kind are said in its room.
  private static let common = [
    "bias": "use_bias", "inner_activation": "recurrent_activation", "border_mode": "padding",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
  ]
}
