/// How far two numbers are from each other.
///
/// The one rule for every comparison: equal numbers, equal infinities and NaN on both sides are 0
/// apart; a number and NaN, or a number and an infinity, are infinitely far apart.
package func distance(_ one: Double, _ other: Double) -> Double {
  if one == other || one.isNaN && other.isNaN { return 0 }
  let size = (one - other).magnitude
  return size.isNaN ? .infinity : size
}

extension Tensor {
  /// The largest distance between elements in the same place.
  ///
  /// - Precondition: both have the same number of elements.
  package func largestDifference(from other: Tensor) -> Double {
    precondition(count == other.count, "tensors of different sizes")
    return zip(doubles(), other.doubles()).reduce(0) { max($0, distance($1.0, $1.1)) }
  }
}
