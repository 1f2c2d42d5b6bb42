import RecurModel

extension Binary: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { title }

  func describe(_ layer: inout ComparedLayer) {}
}
