/// The distance between two numbers, by the one rule that all comparisons use.
///
/// Equal numbers, equal infinities and two NaN have distance 0. A number and NaN, or a number and
/// an infinity, have an infinite distance.
package func distance(_ one: Double, _ other: Double) -> Double {
  if one == other || one.isNaN && other.isNaN { return 0 }
  let size = (one - other).magnitude
  return size.isNaN ? .infinity : size
}

extension Tensor {
  /// The largest distance between elements at the same index.
  ///
  /// - Precondition: both tensors have the same element count.
  package func largestDifference(from other: Tensor) -> Double {
    precondition(count == other.count, "tensors of different sizes")
    return zip(doubles(), other.doubles()).reduce(0) { max($0, distance($1.0, $1.1)) }
  }
}
