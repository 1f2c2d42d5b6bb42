import RecurModel
public import RecurVerification

extension Checkpoint {
  /// Compares the weights of this checkpoint with those of another one, of any format.
  ///
  ///     let old = try Checkpoint(opening: "model.h5")
  ///     let new = try Checkpoint(opening: "model.pt", architecture: "model.h5")
  ///     print(old.compareWeights(with: new).verdict)
  ///
  /// - Parameters:
  ///   - other: the second checkpoint.
  ///   - tolerance: the largest absolute difference of two numbers that count as equal.
  /// - Returns: one verdict, and every weight with its largest difference.
  public func compareWeights(
    with other: Checkpoint, tolerance: Double = 0
  ) -> WeightComparison {
    model.compareWeights(with: other.model, tolerance: tolerance)
  }
}
