import RecurModel

extension Cumulation: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {}
}
