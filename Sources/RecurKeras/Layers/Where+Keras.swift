import RecurContainers
import RecurModel

extension Where: KerasLayer {
  static let classes = [
    KerasClass.operation("Where", followsInput: false) { reader in
      guard reader.isTensor("condition") else {
        return reader.fail("operation '\(reader.config.name)' has a constant condition")
      }
      guard let onTrue = reader.operand("x1"), let onFalse = reader.operand("x2") else {
        return nil
      }
      return .conditional(Where(onTrue, onFalse))
    }
  ]

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    var form = writer.operation("Where", name)
    form.arguments = allOperands.map(\.argument)
    return form
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
