import RecurContainers
import RecurModel
import RecurTensors

/// The last timestep by lengths, which Keras 3 has as several operations:
///
///     take_along_axis(y, expand_dims(expand_dims(lengths, 1), 2) - 1, 1)[:, 0]
///
/// The group of operations is read as one layer. The class name of this layer can't be that of a
/// Python class.
extension Selection: KerasLayer, KerasCallReading, KerasPatterned, KerasOperationWriting {
  private static let lastTimestep = "GetItem(TakeAlongAxis)"

  static let classes = [
    // The last timestep of the first input, by the lengths in the second input.
    KerasClass.operation(lastTimestep, followsInput: true) { reader in
      guard reader.inputShapes.first.map({ $0.count == 3 }) ?? true else {
        return reader.fail(
          "operation '\(reader.config.name)' takes the last timestep of no sequence")
      }
      return .selection(Selection(axis: 1, index: -1))
    }
  ]

  static let pattern = KerasPattern(lastClass: "GetItem") { folding, index in
    guard folding.operand(index) == [KerasGetItemKey.everything, 0],
      let taken = folding.operation(folding.input(index), "TakeAlongAxis"),
      folding.axis(taken) == 1, taken.calls[0].inputs.count == 2,
      let positions = folding.operation(taken.calls[0].inputs[1], "Subtract"),
      positions.calls[0].operand == 1,
      let outer = folding.operation(folding.input(positions), "ExpandDims"),
      folding.axis(outer) == 2,
      let inner = folding.operation(folding.input(outer), "ExpandDims"), folding.axis(inner) == 1,
      let lengths = folding.input(inner)
    else { return }
    folding.replace(index, lastTimestep, JSONObject(), [taken.calls[0].inputs[0], lengths])
    folding.spend([taken, positions, outer, inner])
  }

  /// Replaces the second input, lengths, by the mask of these lengths.
  func read(_ call: inout KerasNodeReader) {
    let node = call.node
    guard call.config.className == Self.lastTimestep, node.inputs.count == 2 else { return }
    let mask = Model.Node(
      name: "\(node.name):mask", layerName: "\(node.name):mask", layer: .lengthMask(LengthMask()),
      inputs: node.inputs, precision: node.precision, location: node.location)
    call.added.append(mask)
    call.node.mask = Model.Value(mask.name)
    call.node.inputs = [node.inputs[0]]
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.operation("GetItem", name, operand: KerasGetItemKey.key(self))
  }

  func isWrittenAsOperations(_ node: Model.Node) -> Bool { node.mask != nil }

  func operands(
    of node: Model.Node, maskedBy mask: Model.Node?, _ inputShapes: [[Dimension]]
  ) throws(CheckpointError) -> [Model.Value] {
    guard case .lengthMask? = mask?.layer, let lengths = mask?.inputs[1], axis == 1,
      [0, -1].contains(index), inputShapes.first?.count == 3
    else {
      throw CheckpointError(
        node.unrepresentable(
          "'\(node.layerName)' is \(title) of the timesteps that a mask counts; Keras has "
            + "operations for the first and the last by lengths"))
    }
    return [node.inputs[0], lengths]
  }

  func write(
    _ operands: [KerasTensorForm], _ writer: inout KerasOperationWriter
  ) -> KerasTensorForm {
    let (sequence, lengths) = (operands[0], operands[1])
    let shape = [sequence.shape[0], sequence.shape[2]]
    // A length is at least 1, so that the first timestep always counts.
    guard index == -1 else {
      return writer.add(
        "GetItem", nil, [sequence], shape, sequence.dtype, operand: KerasGetItemKey.key(self))
    }
    let (batch, type) = (lengths.shape[0], lengths.dtype)
    let column = writer.add("ExpandDims", "column", [lengths], [batch, 1], type, [("axis", 1)])
    let block = writer.add("ExpandDims", "block", [column], [batch, 1, 1], type, [("axis", 2)])
    let position = writer.add("Subtract", "position", [block], [batch, 1, 1], type, operand: 1)
    let taken = writer.add(
      "TakeAlongAxis", "taken", [sequence, position], [shape[0], 1, shape[1]], sequence.dtype,
      [("axis", 1)])
    return writer.add(
      "GetItem", nil, [taken], shape, sequence.dtype, operand: [KerasGetItemKey.everything, 0])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
