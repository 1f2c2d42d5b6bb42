/// The sum or product of all elements up to each position of an axis.
public struct Cumulation: Hashable, Sendable {
  /// The function of the elements.
  public enum Function: String, Hashable, Sendable, CaseIterable {
    /// Their sum.
    case sum
    /// Their product.
    case product
  }

  /// The function.
  public var function: Function
  /// The axis.
  public var axis: Int
  /// Whether the element of the position itself is left out.
  public var isExclusive: Bool
  /// Whether the elements from each position to the end are meant.
  public var isReversed: Bool

  /// Makes an operator.
  public init(_ function: Function, axis: Int, isExclusive: Bool, isReversed: Bool) {
    self.function = function
    self.axis = axis
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }
}

extension Cumulation: LayerKind {
  package var asLayer: Layer { .cumulation(self) }
  package var title: String {
    "\(function == .sum ? "CumSum" : "CumProd")(axis \(axis)\(isExclusive ? ", exclusive" : "")"
      + "\(isReversed ? ", reversed" : ""))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .arithmetic, leadingAxes: .across([axis]))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    _ = try position(of: axis, rank: inputs[0].count)
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
