public import RecurTensors

/// y = γ·(x − μ)/√(σ² + ε) + β on the last axis, with the moments of the training data.
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
  /// How many batches the moments were averaged over, `[]`; kept beside them, it computes
  /// nothing (torch/nn/modules/batchnorm.py, `num_batches_tracked`).
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

/// y = γ·(x − μ)/√(σ² + ε) + β, with the moments of the last axis of x itself.
public struct LayerNormalization: Sendable {
  /// γ: `[width]`, or nil for 1.
  public var gamma: Tensor?
  /// β: `[width]`, or nil for 0.
  public var beta: Tensor?
  /// The width of the last axis; γ and β may both be missing.
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

/// y = (x − μ)/max(√σ², ε) on the last axis, or its inverse, with given moments.
///
/// As keras/src/layers/preprocessing/normalization.py has it; ε is 1e-7, `keras.config.epsilon()`.
public struct Standardization: Sendable {
  /// μ: `[width]`, or one number, `[]`.
  public var mean: Tensor
  /// σ²: like the mean.
  public var variance: Tensor
  /// Whether y = μ + x·max(√σ², ε) is computed instead.
  public var isInverse: Bool

  /// ε.
  public static let epsilon = 1e-7

  /// Makes a layer.
  public init(mean: Tensor, variance: Tensor, isInverse: Bool) {
    self.mean = mean
    self.variance = variance
    self.isInverse = isInverse
  }

  /// The width the last axis must have, or nil when any will do.
  public var width: Int? { mean.rank == 0 ? nil : mean.count }
}

/// y = scale·x + offset with plain numbers, or with one of each per element of the last axis.
///
/// These numbers are options, no weights (keras/src/layers/preprocessing/rescaling.py).
public struct Scaling: Sendable {
  /// One number, or one per element of the last axis.
  public var scale: [Double]
  /// One number, or one per element of the last axis.
  public var offset: [Double]

  /// Makes a layer.
  public init(scale: [Double], offset: [Double]) {
    self.scale = scale
    self.offset = offset
  }

  /// The width the last axis must have, or nil when any will do.
  public var width: Int? { [scale.count, offset.count].max().flatMap { $0 > 1 ? $0 : nil } }
}
