import RecurModel

extension Merge: ComparedKind {
  var comparedName: String { title }
  var comparedFunction: String? {
    switch self {
    case .concatenate, .stack: nil
    case .add, .subtract, .multiply, .average, .maximum, .minimum, .dot: title
    }
  }

  func describe(_ layer: inout ComparedLayer) {}
}
