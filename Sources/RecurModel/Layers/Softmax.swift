/// eˣ / Σ eˣ with the sum over some axes, or its logarithm.
///
/// Along the last axis the same function is an ``Activation``.
public struct Softmax: Hashable, Sendable {
  /// The axes; negative axes count from the end.
  public var axes: [Int]
  /// Whether the result is the logarithm.
  public var isLogarithm: Bool

  /// Makes an operator.
  public init(axes: [Int], isLogarithm: Bool) {
    self.axes = axes
    self.isLogarithm = isLogarithm
  }
}

extension Softmax: LayerKind {
  package var asLayer: Layer { .softmax(self) }
  package var title: String { "\(isLogarithm ? "LogSoftmax" : "Softmax")(axis \(listed(axes)))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .floatingPoint, leadingAxes: .across(axes))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    guard positions(of: axes, rank: inputs[0].count) != nil else {
      throw ShapeProblem(expected: "the axes \(listed(axes)), each once")
    }
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? {
    isLogarithm ? nil : x.map { FeatureRange(repeating: 0...1, count: $0.count) }
  }
}
