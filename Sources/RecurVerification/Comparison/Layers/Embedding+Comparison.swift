import RecurModel

extension Embedding: ComparedKind {
  var comparedName: String { "embedding" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.addWeights(of: self)
  }
}
