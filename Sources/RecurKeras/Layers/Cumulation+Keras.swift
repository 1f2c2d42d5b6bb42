import RecurContainers
import RecurModel
import RecurTensors

/// Sums and products up to a position. Keras has them from the start of an axis, and with the position
/// itself; the others are written as several operations:
///
///     flip(cumsum(flip(x, 1), 1), 1)                                reversed
///     cumsum(pad(x, [[0, 0], [1, 0]])[:, :-1], 1)                   without the position itself
extension Cumulation: KerasOperationWriting {
  static let classes = [("Cumsum", Function.sum), ("Cumprod", .product)].map { name, function in
    KerasClass.operation(name, followsInput: true) { reader in
      reader.options.only("dtype", nil)
      let isExclusive = reader.options.bool("exclusive", default: false)
      let isReversed = reader.options.bool("reverse", default: false)
      guard let axes = reader.axes() else { return nil }
      guard axes.count == 1 else {
        reader.options.refuse("axis", because: "one axis belongs there")
        return nil
      }
      return .cumulation(
        Cumulation(function, axis: axes[0], isExclusive: isExclusive, isReversed: isReversed))
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: [axis]) else { return nil }
    return writer.operation(operation, name, [("axis", .integer(axis))])
  }

  func isWrittenAsOperations(_ node: Model.Node) -> Bool { isExclusive || isReversed }

  func operands(
    of node: Model.Node, maskedBy mask: Model.Node?, _ inputShapes: [[Dimension]]
  ) throws(CheckpointError) -> [Model.Value] {
    var writer = KerasLayerWriter(.archive, node, inputShapes: inputShapes, isMask: false)
    _ = writer.spares(batchIn: [axis])
    if let error = CheckpointError(findings: writer.findings) { throw error }
    return node.inputs
  }

  func write(
    _ operands: [KerasTensorForm], _ writer: inout KerasOperationWriter
  ) -> KerasTensorForm {
    var value = operands[0]
    let (shape, type) = (value.shape, value.dtype)
    let along: [(name: String, value: JSONValue)] = [("axis", .integer(axis))]
    if isReversed { value = writer.add("Flip", "flipped", [value], shape, type, along) }
    if isExclusive {
      let margins = shape.indices.map { axis -> JSONValue in [axis == self.axis ? 1 : 0, 0] }
      var padded = shape
      padded[axis] = padded[axis].map { $0 + 1 }
      value = writer.add(
        "Pad", "padded", [value], padded, type,
        [("pad_width", .array(margins)), ("mode", "constant")],
        arguments: [.input, .named("constant_values", function == .sum ? 0 : 1)])
      let before = Slicing(parts: [Slicing.Part(axis: axis, stop: -1)])
      value = writer.add(
        "GetItem", "before", [value], shape, type, operand: KerasGetItemKey.key(before))
    }
    value = writer.add(operation, isReversed ? "run" : nil, [value], shape, type, along)
    return isReversed ? writer.add("Flip", nil, [value], shape, type, along) : value
  }

  private var operation: String { function == .sum ? "Cumsum" : "Cumprod" }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
