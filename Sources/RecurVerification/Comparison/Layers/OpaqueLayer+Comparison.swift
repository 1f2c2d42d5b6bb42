import RecurModel

extension OpaqueLayer: ComparedKind {
  var comparedName: String { "layer of class '\(className)'" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    // Formats name the same tensor differently, so tensors are compared by position.
    for (index, entry) in tensors.enumerated() { layer.add("tensor \(index)", [entry.tensor]) }
  }
}
