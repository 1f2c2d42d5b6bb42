/// The elements on one side of a diagonal of the last two axes; zeros elsewhere.
public struct Triangle: Hashable, Sendable {
  /// Whether the elements below the diagonal stay, or those above.
  public var isLower: Bool
  /// The diagonal, which stays too: 0 is the main one, 1 the one above it.
  public var diagonal: Int

  /// Makes an operator.
  public init(isLower: Bool, diagonal: Int) {
    self.isLower = isLower
    self.diagonal = diagonal
  }
}

extension Triangle: LayerKind {
  package var asLayer: Layer { .triangle(self) }
  package var title: String { "\(isLower ? "Tril" : "Triu")(\(diagonal))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      outputType: .ofInput, leadingAxes: .across([-2, -1]))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    guard inputs[0].count >= 2 else { throw ShapeProblem(expected: "two axes") }
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
