public import RecurTensors

/// y = γ·(x − μ)/√(σ² + ε) + β on the last axis, with mean and variance of the training data.
public struct BatchNormalization: Sendable {
  /// γ: `[width]`, or nil for 1.
  public var gamma: Tensor?
  /// β: `[width]`, or nil for 0.
  public var beta: Tensor?
  /// μ: `[width]`.
  public var movingMean: Tensor
  /// σ²: `[width]`.
  public var movingVariance: Tensor
  /// ε.
  public var epsilon: Double
  /// The number of batches behind mean and variance, a scalar of shape `[]`.
  ///
  /// The number is stored with the weights and not used for computing
  /// (torch/nn/modules/batchnorm.py, `num_batches_tracked`).
  public var batchesTracked: Tensor?

  /// Makes a layer.
  public init(
    gamma: Tensor?, beta: Tensor?, movingMean: Tensor, movingVariance: Tensor, epsilon: Double,
    batchesTracked: Tensor? = nil
  ) {
    self.gamma = gamma
    self.beta = beta
    self.movingMean = movingMean
    self.movingVariance = movingVariance
    self.epsilon = epsilon
    self.batchesTracked = batchesTracked
  }
}

extension BatchNormalization: LayerKind {
  package var asLayer: Layer { .batchNormalization(self) }
  package var title: String { "BatchNormalization" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .everyPosition(inputWidth: movingMean.count)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    let mean = Parameter("the moving mean", .axes(["width"]))
    let shape = Parameter.Shape.exactly(movingMean.shape)
    try visitor.visit(&gamma, Parameter("gamma", shape, neutral: 1))
    try visitor.visit(&beta, Parameter("beta", shape, neutral: 0))
    try visitor.visit(&movingMean, mean)
    try visitor.visit(&movingVariance, Parameter("the moving variance", shape))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    try demand(inputs[0], rank: nil, width: movingMean.count, "[batch, …, %]")
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
