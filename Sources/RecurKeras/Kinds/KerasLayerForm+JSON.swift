import RecurContainers
import RecurTensors

// A layer as JSON, with the members that Keras itself writes.
extension KerasLayerForm {
  /// The layer, or a cell or an activation inside another config.
  func object(_ target: KerasTarget) -> JSONValue {
    var object = JSONObject()
    if target.isKeras3 { object.add("module", "keras.layers") }
    object.add("class_name", .string(className))
    object.add("config", config(target))
    if target.isKeras3 { object.add("registered_name", nil) }
    return .object(object)
  }

  /// Its `config`.
  func config(_ target: KerasTarget) -> JSONValue {
    var config = JSONObject()
    if isBare || isOperation {
      for option in options { config.add(option.name, option.value) }
      config.add("name", .string(name))
      return .object(config)
    }
    config.add("name", .string(name))
    if saysTrainable { config.add("trainable", true) }
    if let typeInKeras2, !target.isKeras3 {
      config.add("dtype", .string(typeInKeras2))
    } else {
      config.add("dtype", policy.json(target))
    }
    for option in options { config.add(option.name, option.value) }
    if isList {
      config.add("cells", .array(children.map { $0.form.object(target) }))
    } else if let mirrored = mirrored(target) {
      config.add("layer", mirrored.object(target))
    } else {
      for child in children where child.isInConfig {
        config.add(child.option, child.form.object(target))
      }
    }
    return .object(config)
  }

  /// The single layer in the config of a Bidirectional of Keras 2, which makes the other direction
  /// from it; nil when the directions have different options.
  private func mirrored(_ target: KerasTarget) -> KerasLayerForm? {
    guard mayMirror, children.count == 2 else { return nil }
    var (forward, backward) = (children[0].form, children[1].form)
    func turn(_ form: inout KerasLayerForm, _ value: JSONValue) {
      form.name = form.className.snakeCased
      for index in form.options.indices where form.options[index].name == "go_backwards" {
        form.options[index].value = value
      }
    }
    let result = forward
    turn(&forward, false)
    turn(&backward, false)
    guard forward.config(target) == backward.config(target) else { return nil }
    var named = result
    named.name = forward.name
    return named
  }
}

extension KerasPolicy {
  /// The value of an option `dtype`.
  fileprivate func json(_ target: KerasTarget) -> JSONValue {
    let name = JSONValue.string(self.name ?? compute.rawValue)
    if target.isKeras3 {
      return [
        "module": "keras", "class_name": "DTypePolicy", "config": ["name": name],
        "registered_name": nil,
      ]
    }
    return compute == variable ? name : ["class_name": "Policy", "config": ["name": name]]
  }
}

extension JSONObject {
  /// Adds a member whose name is new.
  mutating func add(_ name: String, _ value: JSONValue) { _ = append(name, value) }
}
