extension Workspace.Value {
  /// Combines every element with the element of another array by `operation`; the other array's
  /// axes of extent 1 are repeated.
  func combine(
    _ other: FloatBuffer, of otherShape: [Int], _ operation: (Float, Float) -> Float
  ) {
    if otherShape == shape {
      for index in buffer.indices { buffer[index] = operation(buffer[index], other[index]) }
      return
    }
    combine(
      other, shape[...], otherShape[...], at: 0, other.count, 0, operation)
  }

  private func combine(
    _ other: FloatBuffer, _ shape: ArraySlice<Int>, _ otherShape: ArraySlice<Int>, at start: Int,
    _ size: Int, _ otherStart: Int, _ operation: (Float, Float) -> Float
  ) {
    guard let extent = shape.first, let otherExtent = otherShape.first else {
      buffer[start] = operation(buffer[start], other[otherStart])
      return
    }
    let step = shape.dropFirst().reduce(1, *)
    let otherStep = otherShape.dropFirst().reduce(1, *)
    for index in 0..<extent {
      combine(
        other, shape.dropFirst(), otherShape.dropFirst(), at: start + index * step, otherStep,
        otherStart + (otherExtent == 1 ? 0 : index * otherStep), operation)
    }
  }
}
