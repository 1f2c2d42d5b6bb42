import RecurModel

extension ArgReduction: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {}
}
