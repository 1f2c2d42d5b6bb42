/// The mask of a sequence `[batch, timesteps, …]`: true for timesteps before the sequence's length.
///
/// Inputs: the sequence and the lengths, `[batch]`.
public struct LengthMask: Hashable, Sendable {
  /// Makes an operator.
  public init() {}
}

extension LengthMask: LayerKind {
  package var asLayer: Layer { .lengthMask(self) }
  package var title: String { "LengthMask" }
  package var ports: LayerPorts { LayerPorts(inputs: 2...2, outputs: 1) }
  package var traits: LayerTraits {
    LayerTraits(outputType: .boolean, leadingAxes: .batchIsFirst)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let (x, lengths) = (inputs[0], inputs[1])
    guard x.count >= 2, lengths.count == 1, lengths[0].agrees(with: x[0]) else {
      throw ShapeProblem(expected: "[batch, timesteps, …] and lengths [batch]")
    }
    return [Array(x.prefix(2))]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
