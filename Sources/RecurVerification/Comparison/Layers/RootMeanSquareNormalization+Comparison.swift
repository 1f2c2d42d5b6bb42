import RecurModel

extension RootMeanSquareNormalization: ComparedKind {
  var comparedName: String { "root mean square normalization" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "epsilon", epsilon)
    layer.addWeights(of: self)
  }
}
