/// x·wᵀ by its definition, each sum in the order of the columns.
///
/// w is `[outputs, columns]`, x `[rows, columns]` and the result `[rows, outputs]`, all row-major.
///
/// - Precondition: `x` has `rows` rows, and `w` has `outputs` rows of the same length.
package func plainProducts<Scalar: BinaryFloatingPoint>(
  _ w: [Scalar], outputs: Int, _ x: [Scalar], rows: Int
) -> [Scalar] {
  guard rows > 0, outputs > 0 else { return [] }
  let columns = x.count / rows
  precondition(x.count == rows * columns && w.count == outputs * columns)
  var y: [Scalar] = []
  y.reserveCapacity(rows * outputs)
  for row in 0..<rows {
    for output in 0..<outputs {
      var sum: Scalar = 0
      for column in 0..<columns { sum += w[output * columns + column] * x[row * columns + column] }
      y.append(sum)
    }
  }
  return y
}
