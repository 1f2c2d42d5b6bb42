import RecurContainers
import RecurModel

extension Cumulation: KerasLayer {
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
    guard !isExclusive, !isReversed else {
      writer.fail(
        "'\(writer.node.layerName)' is \(title), and Keras has cumsum from the start alone")
      return nil
    }
    return writer.operation(
      function == .sum ? "Cumsum" : "Cumprod", name, [("axis", .integer(axis))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
