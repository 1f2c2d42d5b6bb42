import RecurModel

extension OpaqueLayer: ComparedKind {
  var comparedName: String { "layer of class '\(className)'" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    // Formats give the same tensor different names.
    for (index, entry) in tensors.enumerated() { layer.add("tensor \(index)", [entry.tensor]) }
  }
}
