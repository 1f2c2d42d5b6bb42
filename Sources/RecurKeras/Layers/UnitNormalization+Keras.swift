import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

extension UnitNormalization: KerasLayer {
  static let classes = [
    KerasClass("UnitNormalization", read: read),
    KerasClass.operation("Normalize", followsInput: true, read: normalized),
  ]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let value = reader.options.value("axis") ?? -1
    let declared = value.integer.map { [$0] } ?? value.array?.compactMap(\.integer) ?? []
    // The lower bound is 1e-12. Keras 3 bounds the norm (keras/src/ops/nn.py, `normalize`),
    // tf.keras the square of the norm (tf.linalg.l2_normalize).
    let epsilon = reader.version.isKeras3 ? 1e-12 : 1e-6
    let layer = UnitNormalization(axes: declared, epsilon: epsilon)
    guard let rank = reader.inputShapes.first?.count else { return .unitNormalization(layer) }
    guard declared.count == value.array?.count ?? 1, let axes = layer.axes(ofRank: rank) else {
      return reader.fail(
        "'\(reader.config.name)' normalizes over \"axis\": \(value.text), which are not axes besides "
          + "the batch of its input")
    }
    return .unitNormalization(UnitNormalization(axes: axes.map { $0 - rank }, epsilon: epsilon))
  }

  /// A norm of vectors as an operation of its own, with its own lower bound.
  private static func normalized(_ reader: inout KerasLayerReader) -> Layer? {
    reader.options.only("order", nil, 2)
    let given = reader.options.optionalNumber("epsilon")
    guard let axes = reader.axes(), let rank = reader.inputShapes.first?.count else { return nil }
    // tf.math.l2_normalize bounds the square of the norm.
    let epsilon =
      reader.version.isKeras3 ? given ?? 1e-7 : (given ?? 1e-12).squareRoot()
    return .unitNormalization(UnitNormalization(axes: axes.map { $0 - rank }, epsilon: epsilon))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: axes) else { return nil }
    let own = writer.target.isKeras3 ? 1e-12 : 1e-6
    if epsilon != own, writer.target.isKeras3, writer.target.holdsOperations, axes.count == 1 {
      return writer.operation(
        "Normalize", name,
        [("axis", .integer(axes[0])), ("order", 2), ("epsilon", .number(epsilon))])
    }
    if epsilon != own {
      writer.findings.append(
        Diagnostic(
          .modelUnrepresentable, .warning,
          "'\(writer.node.layerName)' divides by \(epsilon) at least, and \(writer.target.reader) by "
            + "\(own): vectors that are shorter get another length",
          at: writer.node.location, expected: "a least norm of \(epsilon)", found: "\(own)",
          hint: "nothing is needed where no vector is shorter than \(max(epsilon, own))"))
    }
    return KerasLayerForm(
      className: "UnitNormalization", name: name,
      options: [
        ("axis", axes.count == 1 ? .integer(axes[0]) : .array(axes.map { .integer($0) }))
      ])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .passed }
}
