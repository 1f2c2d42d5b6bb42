import RecurContainers
import RecurModel

extension OneHot: KerasLayer {
  static let classes = [
    KerasClass.operation("OneHot") { reader in
      reader.options.only("sparse", nil, false)
      reader.options.only("dtype", nil, "float32")
      reader.options.only("on_value", nil, 1)
      reader.options.only("off_value", nil, 0)
      let given = reader.options.value("axis") ?? .null
      guard let count = reader.options.size("num_classes") else { return nil }
      guard let rank = reader.inputShapes.first?.count,
        let axis = positions(of: [given.isNull ? -1 : given.integer ?? 0], rank: rank + 1)?.first,
        axis > 0
      else {
        reader.options.refuse("axis", because: "an axis behind the batch belongs there")
        return nil
      }
      return .oneHot(OneHot(count: count, axis: axis))
    }
  ]

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    // Keras takes an axis of the input, or -1 for an axis behind them all.
    let isLast = axis == writer.inputShapes.first?.count
    return writer.operation(
      "OneHot", name, [("num_classes", .integer(count)), ("axis", .integer(isLast ? -1 : axis))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
