import RecurContainers
import RecurModel

extension Masking: KerasLayer, KerasMaskMaking {
  static let classes = [
    KerasClass("Masking", standsInside: false, input: .init(axes: .exactly(3)), read: read)
  ]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let value = reader.options.number("mask_value", default: 0)
    return .masking(Masking(value: reader.compared(value)))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.checkCompared(value)
    return KerasLayerForm(
      className: "Masking", name: name, options: [("mask_value", .number(value))])
  }

  /// A timestep counts if any feature differs from the value.
  var comparison: KerasMaskComparison? { KerasMaskComparison(number: value, inAnyFeature: true) }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: .ignored, outcome: .own)
  }
}
