import RecurTensors

extension Values {
  /// 1 where an element, rounded to the layer's precision, differs from `value`; else 0.
  func differing(from value: Double, _ precision: ElementType) -> Values {
    Values(
      shape: shape,
      elements: elements.map { precision.rounded(Double($0)) != value ? 1 : 0 })
  }

  /// 1 where any element along an axis is not 0; else 0.
  func anyTrue(axis: Int, keepsAxis: Bool) -> Values {
    let position = axis < 0 ? axis + shape.count : axis
    let inner = shape[(position + 1)...].reduce(1, *)
    let extent = shape[position]
    var newShape = shape
    if keepsAxis { newShape[position] = 1 } else { newShape.remove(at: position) }
    var result = Values(shape: newShape)
    for index in elements.indices where elements[index] != 0 {
      result.elements[index / (inner * extent) * inner + index % inner] = 1
    }
    return result
  }
}
