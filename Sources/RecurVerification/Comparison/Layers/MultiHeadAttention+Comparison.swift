import RecurModel

extension MultiHeadAttention: ComparedKind {
  var comparedName: String { "multi-head attention" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "causal", isCausal)
    layer.addWeights(of: self)
  }
}
