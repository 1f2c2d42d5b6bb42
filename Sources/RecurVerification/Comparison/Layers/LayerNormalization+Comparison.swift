import RecurModel

extension LayerNormalization: ComparedKind {
  var comparedName: String { "layer normalization" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "epsilon", epsilon)
    layer.addWeights(of: self)
  }
}
