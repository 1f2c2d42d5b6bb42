// What a forward pass costs. Counted is what grows with the weights, two operations (a
// multiplication and an addition) per product; what is done once per element, activations and the
// update of states among it, is not.

extension Model {
  /// Counts the multiplications and additions in the products of one call.
  ///
  /// An LSTM over `[batch, timesteps, inputSize]` takes
  /// `batch · timesteps · 8 · units · (inputSize + units)`. Masked timesteps count like others.
  ///
  /// - Parameter shapes: the shapes of this model for the inputs of the call.
  /// - Returns: the number, or nil where a shape is free, a layer is unknown or the number exceeds
  ///   an `Int`.
  package func productOperations(_ shapes: ModelShapes) -> Int? {
    var total = 0
    for node in nodes {
      var inputs: [[Int]] = []
      for value in node.inputs {
        guard let shape = shapes[value].flatMap(fixed) else { return nil }
        inputs.append(shape)
      }
      // A node whose shapes could not be found has none, and may have too few inputs.
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
