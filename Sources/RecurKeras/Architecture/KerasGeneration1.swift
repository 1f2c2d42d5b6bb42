import RecurContainers
import RecurModel

/// Renames classes and options of Keras 1 to those of Keras 2 (keras 2.0.9,
/// keras/legacy/interfaces.py).
package enum KerasGeneration1 {
  /// One layer with its class and options renamed; the values stay as they are.
  static func renamed(
    _ className: String, _ options: JSONObject
  ) -> (className: String, options: JSONObject) {
    var result = JSONObject()
    let known = Layer.kerasClassesOfGeneration1[className]
    for member in options.members {
      let name = option(member.name, of: className)
      // If a config has both names of one option, the old name stays, and is refused as unknown
      // later.
      let isTwice = name != member.name && options[name] != nil
      _ = result.append(isTwice ? member.name : name, member.value)
    }
    return (known?.name ?? className, result)
  }

  /// The name of today of an option of a class.
  package static func option(_ name: String, of className: String) -> String {
    Layer.kerasClassesOfGeneration1[className]?.generation1.options[name] ?? common[name] ?? name
  }

  /// Options of several kinds of layers.
  ///
  /// An option of one kind stands in the room of the kind.
  private static let common = [
    "bias": "use_bias", "inner_activation": "recurrent_activation", "border_mode": "padding",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
  ]
}
