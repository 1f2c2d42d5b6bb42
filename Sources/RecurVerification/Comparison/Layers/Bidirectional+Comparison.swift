import RecurModel

extension Bidirectional: ComparedKind {
  var comparedName: String { "bidirectional layer" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "merge mode", mergeMode?.rawValue ?? "none")
    forward.cell.comparison.describe(&layer, "forward ")
    backward.cell.comparison.describe(&layer, "backward ")
  }
}
