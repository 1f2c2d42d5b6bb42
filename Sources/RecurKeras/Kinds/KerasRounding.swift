import RecurTensors

extension Tensor {
  /// Every element times `factor`, computed in binary64 and rounded once; for a factor of 1, this
  /// view itself.
  func scaled(by factor: Double) throws(CheckpointError) -> Tensor {
    guard factor != 1 else { return self }
    return try .rounded(doubles().map { $0 * factor }, shape: shape, elementType, at: location)
  }

  /// The sum of two tensors of one shape, computed in binary64 and rounded once.
  ///
  /// If one tensor is all zeros, the sum is the other tensor itself, bit for bit.
  func adding(_ other: Tensor) throws(CheckpointError) -> (sum: Tensor, isExact: Bool) {
    let (left, right) = (doubles(), other.doubles())
    if right.allSatisfy({ $0 == 0 }) { return (self, true) }
    if left.allSatisfy({ $0 == 0 }) { return (other, true) }
    let sums = zip(left, right).map { $0 + $1 }
    return (try .rounded(sums, shape: shape, elementType, at: location), false)
  }
}
