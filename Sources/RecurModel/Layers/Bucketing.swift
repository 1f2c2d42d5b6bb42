import RecurTensors

/// The number of boundaries that are not above a number, element by element.
public struct Bucketing: Hashable, Sendable {
  /// The boundaries, in ascending order.
  public var boundaries: [Double]

  /// Makes an operator.
  public init(boundaries: [Double]) { self.boundaries = boundaries }
}

extension Bucketing: LayerKind {
  package var asLayer: Layer { .bucketing(self) }
  package var title: String { "Discretization(\(boundaries.count + 1))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .declared(.int64), leadingAxes: .kept)
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
    x.map { FeatureRange(repeating: 0...Double(boundaries.count), count: $0.count) }
  }
}
