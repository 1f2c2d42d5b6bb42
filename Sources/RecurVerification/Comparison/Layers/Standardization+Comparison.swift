import RecurModel

extension Standardization: ComparedKind {
  var comparedName: String { "standardization" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "inverse", isInverse)
    layer.addWeights(of: self)
  }
}
