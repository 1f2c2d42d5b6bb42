public import RecurTensors

/// Several inputs made one.
public enum Merge: Hashable, Sendable {
  /// x₁ + x₂ + …
  case add
  /// x₁ − x₂.
  case subtract
  /// x₁ · x₂ · …, element by element.
  case multiply
  /// The mean.
  case average
  /// The largest of all.
  case maximum
  /// The smallest of all.
  case minimum
  /// One after the other along an axis, which counts the batch as 0 and may be negative.
  case concatenate(axis: Int)
  /// One beside the other along a new axis, which becomes axis `axis`.
  case stack(axis: Int)
  /// Σ over one axis of each; the batch stays, the axes that are left follow each other.
  case dot(axes: [Int], isNormalized: Bool)

  /// A short name for tables.
  public var name: String {
    switch self {
    case .add: "Add"
    case .subtract: "Subtract"
    case .multiply: "Multiply"
    case .average: "Average"
    case .maximum: "Maximum"
    case .minimum: "Minimum"
    case .concatenate(let axis): "Concatenate(axis \(axis))"
    case .stack(let axis): "Stack(axis \(axis))"
    case .dot(let axes, _): "Dot(axes \(axes[0]), \(axes[1]))"
    }
  }
}

/// Dot-product attention (Luong 2015) or additive attention (Bahdanau 2015).
///
/// Inputs: the query `[batch, queries, width]`, the value `[batch, timesteps, …]`, then the key if
/// `hasKey` (else the value is the key), the mask of the queries if `hasQueryMask` and that of the
/// values if `hasValueMask`.
///
///     product:  score = scale · (q · k)
///     additive: score = Σ scale ⊙ tanh(q + k)
///     concat:   score = weight · Σ tanh(scale · (q + k))
///     y = softmax(score) · v
public struct Attention: Sendable {
  /// How a query is compared with a key.
  public enum Score: Sendable {
    /// The product with the key, scaled by a learned number if there is one.
    case product(scale: Tensor?)
    /// AdditiveAttention; scale is `[width]`, nil is 1.
    case additive(scale: Tensor?)
    /// Attention with `score_mode="concat"`.
    case concatenation(scale: Tensor?, weight: Tensor)
  }

  /// How a query is compared with a key.
  public var score: Score
  /// Whether a query sees only timesteps up to its own.
  public var isCausal: Bool
  /// Whether keys are given apart from the values.
  public var hasKey: Bool
  /// Whether results of masked queries become zeros.
  public var hasQueryMask: Bool
  /// Whether masked values are left out.
  public var hasValueMask: Bool

  /// Makes a layer.
  public init(
    score: Score, isCausal: Bool, hasKey: Bool, hasQueryMask: Bool, hasValueMask: Bool
  ) {
    self.score = score
    self.isCausal = isCausal
    self.hasKey = hasKey
    self.hasQueryMask = hasQueryMask
    self.hasValueMask = hasValueMask
  }

  /// The number of inputs.
  var inputCount: Int { 2 + [hasKey, hasQueryMask, hasValueMask].count { $0 } }
}

/// The same elements in another shape or order.
///
/// No case but ``exchangeBatchAndTime`` touches the batch.
public enum Reshaping: Hashable, Sendable {
  /// Everything but the batch in one axis.
  case flatten
  /// Everything but the batch in these extents; one of them may be nil: what is left.
  case reshape([Int?])
  /// Axes in another order, counted from 1.
  case permute([Int])
  /// `[batch, width]` as `count` equal timesteps.
  case repeatVector(count: Int)
  /// Zero timesteps at both ends.
  case pad(before: Int, after: Int)
  /// Timesteps taken off both ends.
  case crop(before: Int, after: Int)
  /// An axis of extent 1 at a position after the batch.
  case insertAxis(Int)
  /// The first two axes exchanged: `[timesteps, batch, …]` and `[batch, timesteps, …]`.
  case exchangeBatchAndTime
  /// Every timestep several times.
  case upsample(factor: Int)

  /// A short name for tables.
  public var name: String {
    switch self {
    case .flatten: "Flatten"
    case .reshape(let extents):
      "Reshape(\(extents.map { $0.map(String.init) ?? "-1" }.joined(separator: ", ")))"
    case .permute(let axes): "Permute(\(axes.map(String.init).joined(separator: ", ")))"
    case .repeatVector(let count): "RepeatVector(\(count))"
    case .pad(let before, let after): "ZeroPadding(\(before), \(after))"
    case .crop(let before, let after): "Cropping(\(before), \(after))"
    case .insertAxis(let position): "ExpandDims(\(position))"
    case .exchangeBatchAndTime: "Transpose(1, 0)"
    case .upsample(let factor): "UpSampling(\(factor))"
    }
  }
}

/// A layer whose class is unknown: what it computes is not in the file.
///
/// Its tensors are carried; a model that contains it can't be run.
public struct OpaqueLayer: Sendable {
  /// Its class in its framework's words.
  public var className: String
  /// Its tensors, by the names the file gives them, in the file's order.
  public var tensors: [(name: String, tensor: Tensor)]
  /// The number of outputs that others use.
  public var outputCount: Int

  /// Describes a layer.
  public init(className: String, tensors: [(name: String, tensor: Tensor)], outputCount: Int) {
    self.className = className
    self.tensors = tensors
    self.outputCount = outputCount
  }
}
