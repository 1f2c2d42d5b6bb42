import RecurModel

extension Where: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { title }

  func describe(_ layer: inout ComparedLayer) {}
}
