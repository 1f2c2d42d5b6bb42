/// A layer that changes nothing at inference: dropout and noise layers.
public struct Identity: Hashable, Sendable {
  /// The framework's name of its class.
  public var className: String

  /// Makes a layer.
  public init(className: String) { self.className = className }
}

extension Identity: LayerKind {
  package var asLayer: Layer { .identity(self) }
  package var title: String { className }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      outputType: .ofInput, leadingAxes: .kept, handsOnFeatures: true, isElementwise: true)
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

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { x }
}
