import RecurModel

extension Triangle: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {}
}
