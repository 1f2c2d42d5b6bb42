import RecurContainers
import RecurModel
import RecurTensors

/// A call of a layer whose class nobody knows, as it stands in a config.
///
/// A tensor in it is `[layer, call, output, …]`, which Keras 3 keeps as a `keras_history`.
enum KerasCarriedCall {
  typealias Reference = KerasArchitecture.TensorReference

  /// Every tensor in a call, in the order in which it stands there.
  static func references(in call: JSONValue) -> [Reference] {
    var found: [Reference] = []
    _ = mapping(call, inHistory: call.object == nil) { reference in
      found.append(reference)
      return reference
    }
    return found
  }

  /// The call with other tensors in the place of its own, in the same order.
  static func replacing(_ call: JSONValue, by tensors: [Reference]) -> JSONValue {
    var rest = tensors[...]
    return mapping(call, inHistory: call.object == nil) { rest.popFirst() ?? $0 }
  }

  /// The arguments of a call of Keras 2 besides its tensors.
  static func keywords(in call: JSONValue) -> JSONObject {
    for tensor in call.array ?? [] {
      if let elements = tensor.array, elements.count > 3, let object = elements[3].object,
        !object.members.isEmpty
      {
        return object
      }
    }
    return JSONObject()
  }

  private static func mapping(
    _ value: JSONValue, inHistory: Bool, _ replace: (Reference) -> Reference
  ) -> JSONValue {
    if inHistory, let elements = value.array, let reference = reference(elements) {
      let new = replace(reference)
      return .array(
        [.string(new.layer.text), .integer(new.call), .integer(new.output)]
          + elements.dropFirst(3).map { mapping($0, inHistory: true, replace) })
    }
    switch value {
    case .array(let elements):
      return .array(elements.map { mapping($0, inHistory: inHistory, replace) })
    case .object(let object):
      var copy = JSONObject()
      for member in object.members {
        let isHistory = inHistory || member.name == "keras_history"
        _ = copy.append(member.name, mapping(member.value, inHistory: isHistory, replace))
      }
      return .object(copy)
    case .null, .bool, .integer, .number, .string: return value
    }
  }

  private static func reference(_ elements: [JSONValue]) -> Reference? {
    guard elements.count == 3 || elements.count == 4 && elements[3].object != nil,
      let layer = elements[0].string, let call = elements[1].integer,
      let output = elements[2].integer, call >= 0, output >= 0
    else { return nil }
    return Reference(layer: Name(layer), call: call, output: output)
  }
}

extension KerasArchitecture.LayerConfig {
  /// Whether nobody knows the class, and it is no model.
  var isUnknown: Bool {
    kerasClass == nil && !KerasArchitecture.modelClasses.contains(className)
  }
}
