import RecurContainers
import RecurTensors

// TimeDistributed around a model: the same as the model with TimeDistributed around each layer.
extension KerasArchitecture {
  /// The class that applies a layer, or a model, to every timestep.
  static let distributingClass = "TimeDistributed"

  /// The model whose every layer is applied to every timestep.
  func onEveryTimestep() -> KerasArchitecture { mappingLayers { $0.onEveryTimestep() } }
}

extension KerasArchitecture.LayerConfig {
  /// The layers that combine elements at the same place: they need no wrapper.
  private static let elementwise: Set<String> = [
    "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum",
  ]

  /// This layer applied to every timestep, stored where it was.
  fileprivate func onEveryTimestep() -> Self {
    guard className != "InputLayer", !Self.elementwise.contains(className) else { return self }
    if let nested {
      var copy = self
      copy.nested = nested.onEveryTimestep()
      return copy
    }
    if className == "Concatenate" { return withAxisBehindTimesteps() }
    var inner = JSONObject()
    _ = inner.append("class_name", .string(className))
    _ = inner.append("config", .object(options))
    var outer = JSONObject()
    for member in options.members where ["dtype", "trainable"].contains(member.name) {
      _ = outer.append(member.name, member.value)
    }
    _ = outer.append("layer", .object(inner))
    var wrapped = KerasArchitecture.LayerConfig(
      className: KerasArchitecture.distributingClass, name: name, options: outer,
      location: location, isKeras1: false)
    wrapped.calls = calls
    wrapped.storedClassName = storedClassName
    wrapped.isStoredBare = true
    return wrapped
  }

  /// The same concatenation with one more axis in front.
  private func withAxisBehindTimesteps() -> Self {
    var changed = JSONObject()
    for member in options.members {
      let axis = member.name == "axis" ? member.value.integer : nil
      _ = changed.append(
        member.name, axis.map { $0 > 0 ? .integer($0 + 1) : .integer($0) } ?? member.value)
    }
    var copy = KerasArchitecture.LayerConfig(
      className: className, name: name, options: changed, location: location, isKeras1: false)
    copy.calls = calls
    return copy
  }
}
