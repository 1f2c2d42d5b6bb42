import RecurModel

extension Recurrent: ComparedKind {
  var comparedName: String { "recurrent layer" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "direction", direction.rawValue)
    cell.comparison.describe(&layer, "")
  }
}
