import RecurContainers
import RecurModel

/// The operations over one axis, and the layer over any axes; over the last axis both are an
/// ``Activation``.
extension Softmax: KerasLayer {
  static let classes = [
    KerasClass.operation("Softmax", followsInput: true) { softmax(isLogarithm: false, &$0) },
    KerasClass.operation("LogSoftmax", followsInput: true) { softmax(isLogarithm: true, &$0) },
    KerasClass(
      layerName,
      activation: { options, _, _ in
        options.only("axis", -1, [-1], nil)
        return .softmax
      },
      read: { softmax(isLogarithm: false, &$0) }),
  ]

  private static let layerName = "Softmax"

  private static func softmax(isLogarithm: Bool, _ reader: inout KerasLayerReader) -> Layer? {
    let isGiven = reader.config.options["axis"].map { !$0.isNull } ?? false
    let last = Layer.activation(isLogarithm ? .logSoftmax : .softmax)
    // Without an axis, the operation takes all axes as one, and the layer the last one.
    guard isGiven || !reader.config.isOperation else {
      return reader.axes() == nil ? nil : last
    }
    guard isGiven else { return last }
    guard let rank = reader.inputShapes.first?.count else {
      reader.options.ignore("axis")
      return last
    }
    guard let axes = reader.axes() else { return nil }
    return axes == [rank - 1]
      ? last : .softmax(Softmax(axes: axes, isLogarithm: isLogarithm))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: axes) else { return nil }
    let list = JSONValue.array(axes.map { .integer($0) })
    if axes.count == 1 {
      let word = isLogarithm ? "LogSoftmax" : "Softmax"
      if writer.target.holdsOperations || isLogarithm {
        return writer.operation(word, name, [("axis", .integer(axes[0]))])
      }
    } else if isLogarithm {
      writer.fail("'\(writer.node.layerName)' is a logarithm of softmax over \(axes.count) axes")
      return nil
    }
    return KerasLayerForm(
      className: Self.layerName, name: name,
      options: [("axis", axes.count == 1 ? .integer(axes[0]) : list)])
  }

  /// The layer hands masks on.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .passed }
}
