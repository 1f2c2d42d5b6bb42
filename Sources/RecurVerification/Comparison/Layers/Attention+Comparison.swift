import RecurModel

extension Attention: ComparedKind {
  var comparedName: String { "attention" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "causal", isCausal)
    switch score {
    case .product: layer.add(option: "score", "product")
    case .additive: layer.add(option: "score", "additive")
    case .concatenation: layer.add(option: "score", "concatenation")
    }
    layer.addWeights(of: self)
  }
}
