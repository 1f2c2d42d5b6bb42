/// min(max(x, minimum), maximum), element by element.
public struct Clamp: Hashable, Sendable {
  /// The smallest result; nil for no bound.
  public var minimum: Double?
  /// The largest result; nil for no bound.
  public var maximum: Double?

  /// Makes an operator.
  public init(minimum: Double?, maximum: Double?) {
    self.minimum = minimum
    self.maximum = maximum
  }
}

extension Clamp: LayerKind {
  package var asLayer: Layer { .clamp(self) }
  package var title: String {
    "Clamp(\(minimum.map { "\($0)" } ?? "-∞"), \(maximum.map { "\($0)" } ?? "∞"))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .ofInput, leadingAxes: .kept, isElementwise: true)
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

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? {
    guard let minimum, let maximum, minimum <= maximum else { return nil }
    return x.map { FeatureRange(repeating: minimum...maximum, count: $0.count) }
  }
}
