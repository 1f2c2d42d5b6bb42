import RecurModel
public import RecurVerification

extension Checkpoint {
  /// Says how the weights of this checkpoint relate to those of another one, of any format.
  ///
  ///     let old = try Checkpoint(opening: "model.h5")
  ///     let new = try Checkpoint(opening: "model.pt", architecture: "model.h5")
  ///     print(old.compareWeights(with: new).verdict)
  ///
  /// - Parameters:
  ///   - other: the second checkpoint.
  ///   - tolerance: how far two numbers may be from each other and count as equal, absolute.
  /// - Returns: one verdict, and every weight with its largest difference.
  public func compareWeights(
    with other: Checkpoint, tolerance: Double = 0
  ) -> WeightComparison {
    model.compareWeights(with: other.model, tolerance: tolerance)
  }
}
