public import RecurTensors

/// y = γ·(x − μ)/√(σ² + ε) + β, with mean and variance of the last axis of x itself.
public struct LayerNormalization: Sendable {
  /// γ: `[width]`, or nil for 1.
  public var gamma: Tensor?
  /// β: `[width]`, or nil for 0.
  public var beta: Tensor?
  /// The width of the last axis; needed because γ and β may both be nil.
  public var width: Int
  /// ε.
  public var epsilon: Double

  /// Makes a layer.
  public init(gamma: Tensor?, beta: Tensor?, width: Int, epsilon: Double) {
    self.gamma = gamma
    self.beta = beta
    self.width = width
    self.epsilon = epsilon
  }
}

extension LayerNormalization: LayerKind {
  package var asLayer: Layer { .layerNormalization(self) }
  package var title: String { "LayerNormalization" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .everyPosition(inputWidth: width)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&gamma, Parameter("gamma", .exactly([width]), neutral: 1))
    try visitor.visit(&beta, Parameter("beta", .exactly([width]), neutral: 0))
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
