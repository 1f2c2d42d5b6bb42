import RecurModel
import RecurTensors

// What Keras does with masks silently, made explicit in the graph.
extension KerasGraphReader {
  /// Where a mask makes Keras compute what no layer of the model says.
  func maskProblem(
    _ layer: Layer, _ config: KerasArchitecture.LayerConfig, _ node: Model.Node,
    _ given: KerasCallOperands
  ) -> String? {
    switch layer {
    case .merge(.multiply), .merge(.maximum), .merge(.minimum):
      // keras/src/layers/merging/base_merge.py, `_apply_merge_op_and_or_mask`.
      guard rules.joinsByAny, !KerasLayerReader.operations.contains(config.className),
        given.inputs.contains(where: { $0.mask != nil })
      else { return nil }
      return
        "\(config.className) '\(config.name)' merges masked inputs, and Keras 3 changes what it "
        + "puts out at masked timesteps, which is not supported"
    case .recurrent(let recurrent):
      guard node.mask != nil, config.isUnrolled, recurrent.maskedOutput == .zero,
        recurrent.returnsSequence, recurrent.direction == .backward
      else { return nil }
    case .bidirectional(let pair):
      guard node.mask != nil, config.inner("layer")?.isUnrolled == true,
        pair.forward.maskedOutput == .zero
      else { return nil }
    default: return nil
    }
    // keras/src/backend/tensorflow/rnn.py: outputs in processing order are cleared where the mask in
    // the order of time says so.
    return
      "'\(config.name)' is unrolled, reads a masked sequence backwards and clears masked outputs: "
      + "Keras clears other timesteps than the masked ones, which is not supported"
  }

  /// The mask of a node's first output; what Keras computes on the way becomes nodes of its own.
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
    switch rules.outcome(of: node.layer, present: masks.map { $0 != nil }) {
    case .none: return nil
    case .passed: return masks.first ?? nil
    case .own: return Model.Value(node.name, 1)
    case .any: return combined(.maximum, present)
    case .all: return combined(.minimum, present)
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
    let all = ones(like: value, "\(name):all", node)
    append(
      Model.Node(
        name: name, layerName: name, layer: .anyTrue(AnyTrue(axis: -1, keepsAxis: false)),
        inputs: [all],
        location: node.location))
    return Model.Value(name)
  }

  /// True for every element of `value`: no number equals NaN.
  mutating func ones(
    like value: Model.Value, _ name: String, _ node: Model.Node
  ) -> Model.Value {
    append(
      Model.Node(
        name: name, layerName: name, layer: .notEqual(NotEqual(value: .nan)), inputs: [value],
        location: node.location))
    return Model.Value(name)
  }

  /// Makes a selection by lengths, its second input, one by the mask that they say.
  mutating func selectByLengths(_ node: inout Model.Node) {
    guard node.inputs.count == 2 else { return }
    let mask = Model.Node(
      name: "\(node.name):mask", layerName: "\(node.name):mask", layer: .lengthMask(LengthMask()),
      inputs: node.inputs, precision: node.precision, location: node.location)
    append(mask)
    node.mask = Model.Value(mask.name)
    node.inputs = [node.inputs[0]]
  }
}
