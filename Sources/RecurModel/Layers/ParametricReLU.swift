public import RecurTensors

/// x for x ≥ 0, else alpha ⊙ x, with alpha learned.
public struct ParametricReLU: Sendable {
  /// alpha; the shape of x without the batch, with extent 1 for axes that share a value.
  public var alpha: Tensor

  /// Makes a layer.
  public init(alpha: Tensor) { self.alpha = alpha }
}

extension ParametricReLU: LayerKind {
  package var asLayer: Layer { .parametricReLU(self) }
  package var title: String { "PReLU" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .batchFirst()
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&alpha, Parameter("alpha", .any))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    let fits =
      alpha.rank == x.count - 1
      && zip(alpha.shape, x.dropFirst()).allSatisfy { $0 == 1 || $1.agrees(with: .fixed($0)) }
    guard fits else {
      throw ShapeProblem(expected: text([.free("batch")] + alpha.shape.map { .fixed($0) }))
    }
    return [x]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
