import RecurModel

extension MinimalGatedUnit: ComparedCell {
  /// As the gated recurrent unit that computes the same: formats keep it as one.
  func describe(_ layer: inout ComparedLayer, _ prefix: String) {
    asGRU.describe(&layer, prefix)
  }
}
