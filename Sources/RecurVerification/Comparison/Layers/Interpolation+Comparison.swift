import RecurModel

extension Interpolation: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {}
}
