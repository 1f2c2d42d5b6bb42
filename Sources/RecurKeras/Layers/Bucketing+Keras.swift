import RecurContainers
import RecurModel
import RecurTensors

extension Bucketing: KerasLayer {
  static let classes = [
    KerasClass("Discretization", completes: complete) { reader in
      guard let boundaries = boundaries(reader.config) else {
        return reader.fail(
          "'\(reader.config.name)' has no ascending bin_boundaries: it was not adapted")
      }
      reader.options.ignore("bin_boundaries", "bins", "num_bins", "epsilon", "max_tokens")
      reader.options.only("sparse", nil, false)
      reader.options.only("ragged", nil, false)
      let mode = reader.options.choice("output_mode", "int", "one_hot", "multi_hot", "count")
      guard let mode = CategoryEncoding.Mode(rawValue: mode) else {
        return .bucketing(Bucketing(boundaries: boundaries))
      }
      return .categoryEncoding(
        CategoryEncoding(categories: boundaries.count + 1, mode: mode))
    }
  ]

  private static func boundaries(_ config: KerasArchitecture.LayerConfig) -> [Double]? {
    let list = config.options["bin_boundaries"]?.array ?? config.options["bins"]?.array
    let numbers = list?.compactMap(\.double) ?? []
    guard numbers.count == list?.count, !numbers.isEmpty, numbers == numbers.sorted() else {
      return nil
    }
    return numbers
  }

  /// Counts the boundaries before the vectors are made.
  private static func complete(_ call: inout KerasNodeReader) {
    guard case .categoryEncoding = call.node.layer, let boundaries = boundaries(call.config) else {
      return
    }
    call.chain([.bucketing(Bucketing(boundaries: boundaries)), call.node.layer])
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    // Its constructor takes no `trainable`.
    KerasLayerForm(
      className: "Discretization", name: name,
      options: [
        ("bin_boundaries", .array(boundaries.map { .number($0) })), ("output_mode", "int"),
      ], saysTrainable: false)
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
