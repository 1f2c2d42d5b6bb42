/// Marks timesteps whose features all equal a value.
///
/// Outputs: x with the marked timesteps set to zero, then the mask.
public struct Masking: Hashable, Sendable {
  /// The value that marks a timestep.
  public var value: Double

  /// Makes a layer.
  public init(value: Double) { self.value = value }
}

extension Masking: LayerKind {
  package var asLayer: Layer { .masking(self) }
  package var title: String { "Masking(\(value))" }
  package var ports: LayerPorts { LayerPorts(inputs: 1...1, outputs: 2, makesMask: true) }
  package var traits: LayerTraits {
    LayerTraits(outputType: .floatingPoint, leadingAxes: .kept, handsOnFeatures: true)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    guard x.count >= 2 else { throw ShapeProblem(expected: "[batch, timesteps, features]") }
    return [x, x.dropLast()]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
