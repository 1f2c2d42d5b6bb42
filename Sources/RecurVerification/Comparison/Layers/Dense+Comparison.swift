import RecurModel

extension Dense: ComparedKind {
  var comparedName: String { "dense layer" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(activation: activation)
    layer.addWeights(of: self)
  }
}
