import RecurModel

extension GroupNormalization: ComparedKind {
  var comparedName: String { "group normalization" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "groups", groups)
    layer.add(option: "epsilon", epsilon)
    layer.addWeights(of: self)
  }
}
