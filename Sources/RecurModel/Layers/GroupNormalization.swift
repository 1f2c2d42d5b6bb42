public import RecurTensors

/// y = γ·(x − μ)/√(σ² + ε) + β on the last axis, with mean and variance of each channel group of
/// each sequence.
///
/// The channels are the last axis and are divided into groups of equal size. Mean and variance of a
/// group are taken over its channels and over all axes except the batch (Wu & He 2018).
public struct GroupNormalization: Sendable {
  /// γ: `[width]`, or nil for 1.
  public var gamma: Tensor?
  /// β: `[width]`, or nil for 0.
  public var beta: Tensor?
  /// The width of the last axis; needed because γ and β may both be nil.
  public var width: Int
  /// The number of groups, a divisor of the width.
  public var groups: Int
  /// ε.
  public var epsilon: Double

  /// Makes a layer.
  public init(gamma: Tensor?, beta: Tensor?, width: Int, groups: Int, epsilon: Double) {
    self.gamma = gamma
    self.beta = beta
    self.width = width
    self.groups = groups
    self.epsilon = epsilon
  }
}

extension GroupNormalization: LayerKind {
  package var asLayer: Layer { .groupNormalization(self) }
  package var title: String { "GroupNormalization(\(groups))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits { .batchFirst(inputWidth: width) }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&gamma, Parameter("gamma", .exactly([width]), neutral: 1))
    try visitor.visit(&beta, Parameter("beta", .exactly([width]), neutral: 0))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    guard groups > 0, width % groups == 0 else {
      throw ShapeProblem(expected: "channels that \(groups) groups divide evenly")
    }
    try demand(inputs[0], rank: nil, width: width, "[batch, …, %]")
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
