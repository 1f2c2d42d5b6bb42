// The cost of a forward pass. The count covers the matrix products, with two operations (a
// multiplication and an addition) per product. Work per element, such as activations and state
// updates, is not counted.

extension Model {
  /// Counts the multiplications and additions in the products of one call.
  ///
  /// An LSTM over `[batch, timesteps, inputSize]` needs `batch · timesteps · 8 · units · (inputSize
  /// + units)`. Masked timesteps are counted too.
  ///
  /// - Parameter shapes: the shapes of this model for the inputs of the call.
  /// - Returns: the number of operations, or nil when a shape is free, a layer is unknown or the
  ///   number exceeds an `Int`.
  package func productOperations(_ shapes: ModelShapes) -> Int? {
    var total = 0
    for node in nodes {
      var inputs: [[Int]] = []
      for value in node.inputs {
        guard let shape = shapes[value].flatMap(fixed) else { return nil }
        inputs.append(shape)
      }
      // A node whose shapes could not be inferred has no output shapes, and may have too few
      // inputs.
      let outputs = shapes[node.name].compactMap(fixed)
      guard !outputs.isEmpty, outputs.count == shapes[node.name].count,
        let operations = node.layer.definition.productOperations(inputs, outputs)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(operations)
      guard !overflow else { return nil }
      total = sum
    }
    return total
  }

  private func fixed(_ shape: [Dimension]) -> [Int]? {
    let extents = shape.compactMap(\.value)
    return extents.count == shape.count ? extents : nil
  }
}
