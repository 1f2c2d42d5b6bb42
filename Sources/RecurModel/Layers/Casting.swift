public import RecurTensors

/// The same numbers in another element type.
///
/// Fractions are cut off in integers; everything but 0 is true.
public struct Casting: Hashable, Sendable {
  /// The type of the result.
  public var type: ElementType

  /// Makes an operator.
  public init(to type: ElementType) { self.type = type }
}

extension Casting: LayerKind {
  package var asLayer: Layer { .casting(self) }
  package var title: String { "Cast(\(type))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .declared(type), leadingAxes: .kept, isElementwise: true)
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
