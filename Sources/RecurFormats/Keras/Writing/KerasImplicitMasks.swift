import RecurModel

/// The operations that Keras 3 adds to a graph for the masks it hands on by itself.
///
/// They are not written. They count when Keras orders layers (``KerasLayerOrder``).
struct KerasImplicitMasks {
  /// The operations, each called once.
  private(set) var operations: [KerasPlacedLayer] = []
  /// The mask that travels with a value.
  private var masks: [Model.Value: KerasTensorForm] = [:]

  /// The mask that travels with `value`.
  subscript(value: Model.Value) -> KerasTensorForm? {
    get { masks[value] }
    set { masks[value] = newValue }
  }

  /// Adds a call of an operation.
  mutating func add(_ name: String, _ inputs: [KerasTensorForm]) -> KerasTensorForm {
    // No layer of a model has a blank in its name.
    let form = KerasLayerForm(className: name, name: "\(name) \(operations.count)")
    operations.append(
      KerasPlacedLayer(form: form, isOperation: true, calls: [KerasCallForm(inputs: inputs)]))
    return KerasTensorForm(layer: form.name, call: 0, output: 0, shape: [], dtype: "bool")
  }

  /// The mask of the first output of a layer.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - outcome: what happens to masks in it.
  ///   - inputs: its inputs.
  ///   - incoming: their masks.
  mutating func outgoing(
    of layer: Layer, _ outcome: KerasMaskRules.Outcome, _ inputs: [KerasTensorForm],
    _ incoming: [KerasTensorForm?]
  ) -> KerasTensorForm? {
    let present = incoming.compactMap { $0 }
    switch outcome {
    case .none: return nil
    case .own:
      let compared = add("NotEqual", inputs)
      if case .masking = layer { return add("Any", [compared]) }
      return compared
    case .passed:
      guard let mask = incoming.first ?? nil else { return nil }
      // keras/src/layers/attention/attention.py, `compute_mask`.
      if case .attention = layer { return add("ConvertToTensor", [mask]) }
      return mask
    case .any, .all, .concatenated:
      guard case .merge(.concatenate) = layer else {
        guard var joined = present.first else { return nil }
        for mask in present.dropFirst() { joined = add("LogicalOr", [joined, mask]) }
        return joined
      }
      var parts: [KerasTensorForm] = []
      for (input, mask) in zip(inputs, incoming) {
        guard let mask else {
          parts.append(add("OnesLike", [input]))
          continue
        }
        parts.append(
          add("LogicalOr", [add("ExpandDims", [mask]), add("ZerosLike", [input])]))
      }
      return add("Any", [add("Concatenate", parts)])
    }
  }

  /// Whether the call of a layer takes a mask, used or not.
  static func isTaken(by layer: Layer) -> Bool {
    switch layer {
    case .timeDistributed, .batchNormalization: true
    default: KerasMaskRules.isUsed(by: layer)
    }
  }
}
