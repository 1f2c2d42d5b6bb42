public import RecurTensors

/// y = (x − μ)/max(√σ², ε) on the last axis, or the inverse, with given mean and variance.
///
/// The formula is that of keras/src/layers/preprocessing/normalization.py; ε is 1e-7,
/// `keras.config.epsilon()`.
public struct Standardization: Sendable {
  /// μ: `[width]`, or one number, `[]`.
  public var mean: Tensor
  /// σ²: the same shape as `mean`.
  public var variance: Tensor
  /// Whether the layer computes the inverse, y = μ + x·max(√σ², ε).
  public var isInverse: Bool

  /// ε.
  public static let epsilon = 1e-7

  /// Makes a layer.
  public init(mean: Tensor, variance: Tensor, isInverse: Bool) {
    self.mean = mean
    self.variance = variance
    self.isInverse = isInverse
  }

  /// The required width of the last axis, or nil when any width will do.
  public var width: Int? { mean.rank == 0 ? nil : mean.count }
}

extension Standardization: LayerKind {
  package var asLayer: Layer { .standardization(self) }
  package var title: String { "Normalization" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .everyPosition()
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&mean, Parameter("the mean", .axisOrNumber("width")))
    try visitor.visit(&variance, Parameter("the variance", .exactly(mean.shape)))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    if let width { try demand(inputs[0], rank: nil, width: width, "[batch, …, %]") }
    return [inputs[0]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
