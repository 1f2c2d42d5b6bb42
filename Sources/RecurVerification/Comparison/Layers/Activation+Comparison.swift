import RecurModel

extension Activation: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? { self == .linear ? nil : title }

  func describe(_ layer: inout ComparedLayer) {}
}
