import RecurModel

extension MinimalGatedUnit: ComparedCell {
  /// Describes the GRU with the same results, because formats store that GRU.
  func describe(_ layer: inout ComparedLayer, _ prefix: String) {
    asGRU.describe(&layer, prefix)
  }
}
