import RecurModel

/// The place of a nested model, as prefixes of names.
struct KerasNamePrefixes {
  /// The prefix of layer names, the same for every call of the model.
  var layers = ""
  /// The prefix of node names, another one for every call.
  var nodes = ""

  /// The place of a nested model called `name`; `number` tells its calls apart.
  func inside(_ name: String, _ number: String) -> KerasNamePrefixes {
    KerasNamePrefixes(layers: "\(layers)\(name)/", nodes: "\(nodes)\(name)\(number)/")
  }
}

/// The arguments of one call, by role.
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
