import RecurContainers
import RecurModel

extension Clamp: KerasLayer {
  static let classes = [
    KerasClass.operation("Clip", followsInput: true) { reader in
      guard !reader.isTensor("x_min"), !reader.isTensor("x_max") else {
        return reader.fail("operation '\(reader.config.name)' has bounds that are tensors")
      }
      let least = reader.options.optionalNumber("x_min")
      let most = reader.options.optionalNumber("x_max")
      return .clamp(Clamp(minimum: least, maximum: most))
    }
  ]

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    // Clip needs both bounds.
    writer.operation(
      "Clip", name,
      [
        ("x_min", .number(minimum ?? -.infinity)), ("x_max", .number(maximum ?? .infinity)),
      ])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
