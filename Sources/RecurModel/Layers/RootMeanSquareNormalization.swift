public import RecurTensors

/// y = γ·x/√(mean(x²) + ε), with the mean over the last axis of x itself.
public struct RootMeanSquareNormalization: Sendable {
  /// γ: `[width]`, or nil for 1.
  public var gamma: Tensor?
  /// The width of the last axis; needed because γ may be nil.
  public var width: Int
  /// ε.
  public var epsilon: Double

  /// Makes a layer.
  public init(gamma: Tensor?, width: Int, epsilon: Double) {
    self.gamma = gamma
    self.width = width
    self.epsilon = epsilon
  }
}

extension RootMeanSquareNormalization: LayerKind {
  package var asLayer: Layer { .rootMeanSquareNormalization(self) }
  package var title: String { "RMSNormalization" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .everyPosition(inputWidth: width)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&gamma, Parameter("gamma", .exactly([width]), neutral: 1))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    try demand(inputs[0], rank: nil, width: width, "[batch, …, %]")
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
