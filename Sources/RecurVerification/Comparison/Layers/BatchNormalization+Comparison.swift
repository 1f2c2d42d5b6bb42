import RecurModel

extension BatchNormalization: ComparedKind {
  var comparedName: String { "batch normalization" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "epsilon", epsilon)
    layer.addWeights(of: self)
  }
}
