/// Where the input differs from a value, as a Boolean tensor.
public struct NotEqual: Hashable, Sendable {
  /// The value with which the input is compared.
  public var value: Double

  /// Makes an operator.
  public init(value: Double) { self.value = value }
}

extension NotEqual: LayerKind {
  package var asLayer: Layer { .notEqual(self) }
  package var title: String { "NotEqual(\(value))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .boolean, leadingAxes: .batchIsFirst)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
