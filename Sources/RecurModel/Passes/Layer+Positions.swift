// What passes need to know of layers that name no axis.
extension Layer {
  /// Whether the layer computes every vector along the last axis of its only input by itself.
  var treatsPositionsAlike: Bool {
    switch self {
    case .activation, .dense, .layerNormalization, .batchNormalization, .scaling: true
    default: traits.isElementwise
    }
  }
}
