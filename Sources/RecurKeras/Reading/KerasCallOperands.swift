import RecurModel

/// Where a model stands among models, as prefixes of names.
struct KerasNamePrefixes {
  /// Of layers: the same for every call of the model.
  var layers = ""
  /// Of nodes: every call has its own.
  var nodes = ""

  /// The place of a model called `name` in this one, in a call that `number` tells from others.
  func inside(_ name: String, _ number: String) -> KerasNamePrefixes {
    KerasNamePrefixes(layers: "\(layers)\(name)/", nodes: "\(nodes)\(name)\(number)/")
  }
}

/// What one call is given, by role.
struct KerasCallOperands {
  var inputs: [KerasGraphReader.Masked]
  var initialState: [Model.Value]
  var mask: Model.Value?

  init(_ call: KerasArchitecture.Call, _ resolved: [KerasGraphReader.Masked]) {
    inputs = Array(resolved.prefix(call.inputs.count))
    let states = resolved.dropFirst(call.inputs.count).prefix(call.initialState.count)
    initialState = states.map(\.value)
    var masks = resolved.dropFirst(call.inputs.count + call.initialState.count)
    for (index, mask) in call.masks.enumerated() where mask != nil {
      let value = masks.popFirst()?.value
      if index == 0 { self.mask = value }
      if inputs.indices.contains(index) { inputs[index].mask = value }
    }
  }

  /// Keras 2 appends the initial state to the inputs.
  mutating func splitInitialState(count: Int) {
    guard initialState.isEmpty, inputs.count == 1 + count else { return }
    initialState = inputs.dropFirst().map(\.value)
    inputs = [inputs[0]]
  }
}
