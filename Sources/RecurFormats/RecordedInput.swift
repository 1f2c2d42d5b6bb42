package import RecurTensors

/// The axes of an array that a model was called with when its outputs were recorded.
package struct RecordedInput: Sendable {
  /// The extents.
  package let shape: [Int]
  /// The element type.
  package let type: ElementType

  /// The axes of a recorded array.
  package init(_ tensor: Tensor) {
    shape = tensor.shape
    type = tensor.elementType
  }
}
