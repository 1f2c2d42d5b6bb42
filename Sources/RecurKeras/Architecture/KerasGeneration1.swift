import RecurContainers
import RecurModel

/// Renames classes and options of Keras 1 to those of Keras 2 (keras 2.0.9,
/// keras/legacy/interfaces.py).
enum KerasGeneration1 {
  /// One layer with its class and options renamed; the values stay as they are.
  static func renamed(
    _ className: String, _ options: JSONObject
  ) -> (className: String, options: JSONObject) {
    var result = JSONObject()
    let known = Layer.kerasClassesOfGeneration1[className]
    let names = common.merging(known?.generation1.options ?? [:]) { $1 }
    for member in options.members {
      let name = names[member.name] ?? member.name
      // If a config has both names of one option, the old name stays, and is refused as unknown
      // later.
      let isTwice = name != member.name && options[name] != nil
      _ = result.append(isTwice ? member.name : name, member.value)
    }
    return (known?.name ?? className, result)
  }

  /// Options of several kinds of layers.
  ///
  /// An option of one kind stands in the room of the kind.
  private static let common = [
    "bias": "use_bias", "inner_activation": "recurrent_activation", "border_mode": "padding",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
  ]
}
