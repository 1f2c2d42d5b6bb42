import RecurContainers
import RecurModel
import RecurTensors

/// The operations by which Keras 3 makes a mask of the lengths of sequences, because it has no
/// layer for it:
///
///     cumsum(ones_like(x[:, :, 0], "int32"), 1) <= expand_dims(lengths, 1)
///
/// The group of operations is read as one layer. The class name of this layer can't be that of a
/// Python class.
extension LengthMask: KerasLayer, KerasMaskComputing, KerasPatterned, KerasOperationWriting {
  private static let className = "LessEqual(Cumsum)"

  /// A timestep of the first input counts if it comes before the length in the second input.
  static let classes = [
    KerasClass.operation(className) { reader in
      let rank = reader.options.bool("feature", default: false) ? 3 : 2
      guard reader.inputShapes.first.map({ $0.count == rank }) ?? true else {
        return reader.fail("operation '\(reader.config.name)' counts the timesteps of no sequence")
      }
      return .lengthMask(LengthMask())
    }
  ]

  static let pattern = KerasPattern(lastClass: "LessEqual") { folding, index in
    guard let inputs = folding.inputs(index), inputs.count == 2,
      let sums = folding.operation(inputs[0], "Cumsum"), folding.axis(sums) == 1,
      let ones = folding.operation(folding.input(sums), "OnesLike"),
      sums.options["dtype"]?.isNull ?? true,
      // A sum in a 16-bit type is exact for short sequences only.
      ["int32", "int64"].contains(ones.options["dtype"]?.string ?? ""),
      let column = folding.operation(inputs[1], "ExpandDims"), folding.axis(column) == 1,
      let lengths = folding.input(column), var sequence = folding.input(ones)
    else { return }
    let feature = folding.operation(sequence, "GetItem")
    let isFeature = feature?.calls[0].operand == firstFeature && folding.input(feature) != nil
    if isFeature, let whole = folding.input(feature) { sequence = whole }
    var options = JSONObject()
    _ = options.append("feature", .bool(isFeature))
    folding.replace(index, className, options, [sequence, lengths])
    folding.spend([sums, ones, column] + (isFeature ? [feature].compactMap { $0 } : []))
  }

  /// The slice `[:, :, 0]`.
  private static let firstFeature: JSONValue = [
    KerasGetItemKey.everything, KerasGetItemKey.everything, 0,
  ]

  /// The operations are written where the mask is used.
  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? { nil }

  func isWrittenAsOperations(_ node: Model.Node) -> Bool { true }

  func operands(
    of node: Model.Node, maskedBy mask: Model.Node?, _ inputShapes: [[Dimension]]
  ) -> [Model.Value] { node.inputs }

  func write(
    _ operands: [KerasTensorForm], _ writer: inout KerasOperationWriter
  ) throws(CheckpointError) -> KerasTensorForm {
    let (sequence, lengths) = (operands[0], operands[1])
    guard (2...3).contains(sequence.shape.count) else {
      throw CheckpointError(
        writer.node.unrepresentable(
          "'\(writer.node.layerName)' makes a mask of lengths for a value of "
            + "\(sequence.shape.count) axes; sequences have 3, tokens 2"))
    }
    let row = Array(sequence.shape.prefix(2))
    let feature =
      sequence.shape.count == 2
      ? sequence
      : writer.add(
        "GetItem", "feature", [sequence], row, sequence.dtype, operand: Self.firstFeature)
    let ones = writer.add("OnesLike", "ones", [feature], row, "int32", [("dtype", "int32")])
    let steps = writer.add(
      "Cumsum", "steps", [ones], row, "int32", [("axis", 1), ("dtype", nil)])
    let column = writer.add(
      "ExpandDims", "lengths", [lengths], [row[0], 1], lengths.dtype, [("axis", 1)])
    return writer.add("LessEqual", nil, [steps, column], row, "bool")
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }

  var maskSource: KerasMaskSource { .itself }
  var maskWriting: KerasMaskWriting { .operation }

  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? { nil }
  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? { nil }
}
