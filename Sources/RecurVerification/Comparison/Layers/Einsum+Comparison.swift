import RecurModel

extension Einsum: ComparedKind {
  var comparedName: String { "einsum" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "equation", equation)
    layer.addWeights(of: self)
  }
}
