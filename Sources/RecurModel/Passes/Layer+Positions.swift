// What passes need to know of layers that name no axis.
extension Layer {
  /// Whether the layer computes every vector along the last axis of its only input by itself.
  var treatsPositionsAlike: Bool {
    switch self {
    case .activation, .dense, .layerNormalization, .batchNormalization, .scaling: true
    default: traits.isElementwise
    }
  }

  /// The same, or a function of its only input and of constants of one row.
  var treatsRowsAlike: Bool {
    guard case .binary(let layer) = self else { return treatsPositionsAlike }
    return layer.allOperands.allSatisfy { $0.constant?.shape.count ?? 0 <= 1 }
  }
}
