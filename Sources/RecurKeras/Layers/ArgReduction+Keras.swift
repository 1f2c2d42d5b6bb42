import RecurContainers
import RecurModel

extension ArgReduction: KerasLayer {
  static let classes = [true, false].map { isMaximum in
    KerasClass.operation(isMaximum ? "Argmax" : "Argmin") { reader in
      reader.options.ignore("dtype")
      let keeps = reader.options.bool("keepdims", default: false)
      guard let axes = reader.axes() else { return nil }
      guard axes.count == 1 else {
        reader.options.refuse("axis", because: "one axis belongs there")
        return nil
      }
      return .argReduction(ArgReduction(isMaximum: isMaximum, axis: axes[0], keepsAxis: keeps))
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: [axis]) else { return nil }
    return writer.operation(
      isMaximum ? "Argmax" : "Argmin", name,
      [("axis", .integer(axis)), ("keepdims", .bool(keepsAxis))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
