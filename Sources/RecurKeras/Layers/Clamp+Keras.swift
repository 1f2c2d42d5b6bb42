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
    if writer.takesIntegers { return integerForm(named: name, &writer) }
    // Clip needs both bounds.
    return writer.operation(
      "Clip", name,
      [
        ("x_min", .number(minimum ?? -.infinity)), ("x_max", .number(maximum ?? .infinity)),
      ])
  }

  /// Bounds of integers are integers: a backend can't make an integer of 1.0 or of an infinite bound.
  private func integerForm(
    named name: String, _ writer: inout KerasLayerWriter
  ) -> KerasLayerForm? {
    let given = [minimum, maximum].compactMap(\.self).filter(\.isFinite)
    guard given.allSatisfy({ Int(exactly: $0) != nil }) else {
      writer.fail(
        "'\(writer.node.layerName)', \(title), keeps integers in bounds that are no integers, and "
          + "Keras does not")
      return nil
    }
    let (least, most) = (minimum.flatMap(Int.init(exactly:)), maximum.flatMap(Int.init(exactly:)))
    func one(_ word: String, _ bound: Int) -> KerasLayerForm {
      var form = writer.operation(word, name)
      form.arguments = [.input, .plain(.integer(bound))]
      return form
    }
    switch (least, most) {
    case (let least?, let most?):
      return writer.operation(
        "Clip", name, [("x_min", .integer(least)), ("x_max", .integer(most))])
    case (let least?, nil): return one("Maximum", least)
    case (nil, let most?): return one("Minimum", most)
    case (nil, nil): return one("Add", 0)
    }
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
