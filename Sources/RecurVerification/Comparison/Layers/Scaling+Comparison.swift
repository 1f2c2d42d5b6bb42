import RecurModel

extension Scaling: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { title }

  func describe(_ layer: inout ComparedLayer) {}
}
