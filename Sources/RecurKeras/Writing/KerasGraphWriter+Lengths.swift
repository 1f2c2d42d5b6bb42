import RecurContainers
import RecurModel
import RecurTensors

/// Lengths as operations: the patterns that ``KerasLengths`` describes.
extension KerasGraphWriter {
  /// The mask that a node makes of lengths.
  ///
  /// - Returns: the mask; nil when it can't be written, which was reported.
  mutating func lengthMask(
    _ node: Model.Node, for user: Model.Node?
  ) throws(CheckpointError) -> KerasTensorForm? {
    guard target.holdsOperations else {
      findings.append(lengthsRefused(user ?? node))
      return nil
    }
    guard let sequence = try emitted(node.inputs[0], for: node),
      let lengths = try emitted(node.inputs[1], for: node)
    else { return nil }
    let base = names[node.layerName]
    guard (2...3).contains(sequence.shape.count) else {
      findings.append(
        node.unrepresentable(
          "'\(node.layerName)' makes a mask of lengths for a value of \(sequence.shape.count) axes; "
            + "sequences have 3, tokens 2"))
      return nil
    }
    let row = Array(sequence.shape.prefix(2))
    let feature =
      sequence.shape.count == 2
      ? sequence
      : operation(
        "GetItem", "\(base)_feature", [sequence], row, sequence.dtype,
        operand: [KerasGetItemKey.everything, KerasGetItemKey.everything, 0])
    let ones = operation(
      "OnesLike", "\(base)_ones", [feature], row, "int32", [("dtype", "int32")])
    let steps = operation(
      "Cumsum", "\(base)_steps", [ones], row, "int32", [("axis", 1), ("dtype", nil)])
    let column = operation(
      "ExpandDims", "\(base)_lengths", [lengths], [row[0], 1], lengths.dtype, [("axis", 1)])
    let mask = operation("LessEqual", base, isNamed: true, [steps, column], row, "bool")
    tensors[Model.Value(node.name)] = mask
    return mask
  }

  private func lengthsRefused(_ node: Model.Node) -> Diagnostic {
    node.unrepresentable(
      "'\(node.layerName)' counts timesteps by lengths, which takes operations that can't be loaded "
        + "from this format", hint: "write .keras, which can hold operations")
  }

  /// Writes a selection of the timestep that a mask says; false when the node is none.
  mutating func writeMaskedSelection(_ node: Model.Node) throws(CheckpointError) -> Bool {
    guard case .selection(let selection) = node.layer, let mask = node.mask else { return false }
    let lengths = nodes[mask.node].flatMap { maker -> Model.Value? in
      if case .lengthMask = maker.layer { maker.inputs[1] } else { nil }
    }
    guard let lengths, selection.axis == 1, [0, -1].contains(selection.index),
      shapes[node.inputs[0]]?.count == 3
    else {
      findings.append(
        node.unrepresentable(
          "'\(node.layerName)' is \(node.layer.title) of the timesteps that a mask counts; Keras has "
            + "operations for the first and the last by lengths"))
      return true
    }
    guard target.holdsOperations else {
      findings.append(lengthsRefused(node))
      return true
    }
    guard let sequence = try emitted(node.inputs[0], for: node),
      let lengths = try emitted(lengths, for: node)
    else { return true }
    let base = names[node.layerName]
    let shape = [sequence.shape[0], sequence.shape[2]]
    // No length is 0, so that the first timestep counts.
    guard selection.index == -1 else {
      tensors[Model.Value(node.name)] = operation(
        "GetItem", base, isNamed: true, [sequence], shape, sequence.dtype,
        operand: KerasGetItemKey.key(selection))
      return true
    }
    let batch = lengths.shape[0]
    let column = operation(
      "ExpandDims", "\(base)_column", [lengths], [batch, 1], lengths.dtype, [("axis", 1)])
    let block = operation(
      "ExpandDims", "\(base)_block", [column], [batch, 1, 1], lengths.dtype, [("axis", 2)])
    let position = operation(
      "Subtract", "\(base)_position", [block], [batch, 1, 1], lengths.dtype, operand: 1)
    let taken = operation(
      "TakeAlongAxis", "\(base)_taken", [sequence, position], [shape[0], 1, shape[1]],
      sequence.dtype, [("axis", 1)])
    tensors[Model.Value(node.name)] = operation(
      "GetItem", base, isNamed: true, [taken], shape, sequence.dtype,
      operand: [KerasGetItemKey.everything, 0])
    return true
  }

  /// Adds one call of an operation that is no node of the model by itself.
  private mutating func operation(
    _ className: String, _ name: String, isNamed: Bool = false, _ inputs: [KerasTensorForm],
    _ shape: [Int?], _ dtype: String, _ options: [(name: String, value: JSONValue)] = [],
    operand: JSONValue? = nil
  ) -> KerasTensorForm {
    let form = KerasLayerForm(
      className: className, name: isNamed ? name : names.unique(name), options: options)
    self.form.layers.append(
      KerasPlacedLayer(
        form: form, isOperation: true, calls: [KerasCallForm(inputs: inputs, operand: operand)]))
    return KerasTensorForm(layer: form.name, call: 0, output: 0, shape: shape, dtype: dtype)
  }
}
