/// The error of a layer that can't take its inputs: it holds the shape that the layer takes.
package struct ShapeProblem: Error {
  /// The shape that the layer takes, in words: `[batch, timesteps, 8]`.
  package var expected: String

  /// Makes an error from the shape that the layer takes.
  package init(expected: String) { self.expected = expected }
}

/// Requires `x` to have `rank` axes and a last axis of extent `width`.
///
/// - Parameters:
///   - x: the shape.
///   - rank: the number of axes; nil allows any number from two on.
///   - width: the extent of the last axis; nil allows any extent.
///   - expected: the required shape in words, with `%` for the width.
/// - Throws: a problem with `expected` as its text.
func demand(
  _ x: [Dimension], rank: Int?, width: Int?, _ expected: String
) throws(ShapeProblem) {
  let fits = rank.map { x.count == $0 } ?? (x.count >= 2)
  guard fits, width.map({ Dimension.fixed($0).agrees(with: x[x.count - 1]) }) ?? true else {
    throw ShapeProblem(expected: expected.replacing("%", with: width.map(String.init) ?? ""))
  }
}

extension Activation {
  /// The extent of the last axis after this function.
  ///
  /// - Throws: the width that the function takes.
  func applied(to width: Dimension) throws(ShapeProblem) -> Dimension {
    guard let value = width.value else { return width }
    guard let after = outputWidth(value) else {
      throw ShapeProblem(expected: "an even width, which \(name) halves")
    }
    return .fixed(after)
  }
}

/// The product of all factors, or nil when it exceeds an `Int`.
func product(_ factors: [Int]) -> Int? {
  var result = 1
  for factor in factors {
    let (next, overflow) = result.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    result = next
  }
  return result
}
