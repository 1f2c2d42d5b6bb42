import RecurModel

extension ParametricReLU: ComparedKind {
  var comparedName: String { "parametric ReLU" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.addWeights(of: self)
  }
}
