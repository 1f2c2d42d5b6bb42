import RecurContainers
import RecurModel

extension CategoryEncoding: KerasLayer {
  static let classes = [
    KerasClass(layerName) { reader in
      let categories = reader.options.size("num_tokens")
      reader.options.only("sparse", nil, false)
      let mode = reader.options.choice("output_mode", "multi_hot", "one_hot", "count")
      guard let categories, let mode = Mode(rawValue: mode) else { return nil }
      return .categoryEncoding(CategoryEncoding(categories: categories, mode: mode))
    }
  ]

  private static let layerName = "CategoryEncoding"

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    KerasLayerForm(
      className: Self.layerName, name: name,
      options: [
        ("num_tokens", .integer(categories)), ("output_mode", .string(mode.rawValue)),
      ])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
