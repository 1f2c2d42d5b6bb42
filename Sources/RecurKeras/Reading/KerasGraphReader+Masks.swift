import RecurModel
import RecurTensors

// Makes explicit in the graph what Keras does with masks silently.
extension KerasGraphReader {
  /// The mask of a node's first output; operations that compute the mask become nodes.
  mutating func outgoingMask(_ node: Model.Node, _ masks: [Model.Value?]) -> Model.Value? {
    let present = masks.compactMap { $0 }
    func combined(_ merge: Merge, _ inputs: [Model.Value]) -> Model.Value? {
      guard inputs.count > 1 else { return inputs.first }
      append(
        Model.Node(
          name: "\(node.name):mask", layerName: "\(node.name):mask", layer: .merge(merge),
          inputs: inputs, location: node.location))
      return Model.Value("\(node.name):mask")
    }
    switch node.layer.keras.maskOutcome(rules, present: masks.map { $0 != nil }) {
    case .none: return nil
    case .passed, .converted: return masks.first ?? nil
    case .own: return Model.Value(node.name, 1)
    case .any: return combined(.maximum, present)
    case .all: return combined(.minimum, present)
    case .joined: return present.count == masks.count ? combined(.maximum, present) : nil
    case .concatenated:
      var parts: [Model.Value] = []
      for (index, mask) in masks.enumerated() {
        parts.append(
          mask ?? everyTimestep(of: node.inputs[index], "\(node.name):mask\(index)", node))
      }
      return combined(.concatenate(axis: 1), parts)
    }
  }

  /// A mask in which every timestep of `value` counts.
  private mutating func everyTimestep(
    of value: Model.Value, _ name: String, _ node: Model.Node
  ) -> Model.Value {
    let all = NotEqual.ones(like: value, "\(name):all", at: node.location)
    append(all)
    append(
      Model.Node(
        name: name, layerName: name, layer: .anyTrue(AnyTrue(axis: -1, keepsAxis: false)),
        inputs: [Model.Value(all.name)], location: node.location))
    return Model.Value(name)
  }
}
