/// Whole numbers as vectors that have 1 at the position of the number; zeros for a number outside.
public struct OneHot: Hashable, Sendable {
  /// The number of positions.
  public var count: Int
  /// The axis of the vectors in the output.
  public var axis: Int

  /// Makes an operator.
  public init(count: Int, axis: Int) {
    self.count = count
    self.axis = axis
  }
}

extension OneHot: LayerKind {
  package var asLayer: Layer { .oneHot(self) }
  package var title: String { "OneHot(\(count))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      readsTokens: true, outputType: .floatingPoint, leadingAxes: .across([axis]))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let axis = try position(of: axis, rank: inputs[0].count + 1)
    return [inputs[0][..<axis] + [.fixed(count)] + inputs[0][axis...]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
