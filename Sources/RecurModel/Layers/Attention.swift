public import RecurTensors

/// Dot-product attention (Luong 2015) or additive attention (Bahdanau 2015).
///
/// Inputs, in order: the query `[batch, queries, width]`; the value `[batch, timesteps, …]`; the
/// key if `hasKey` (else the value is the key); the query mask if `hasQueryMask`; the value mask if
/// `hasValueMask`.
///
///     product:  score = scale · (q · k)
///     additive: score = Σ scale ⊙ tanh(q + k)
///     concat:   score = weight · Σ tanh(scale · (q + k))
///     y = softmax(score) · v
public struct Attention: Sendable {
  /// The formula that compares a query with a key.
  public enum Score: Sendable {
    /// The product with the key; `scale` is a learned number, nil is 1.
    case product(scale: Tensor?)
    /// AdditiveAttention; `scale` is `[width]`, nil is 1.
    case additive(scale: Tensor?)
    /// Attention with `score_mode="concat"`.
    case concatenation(scale: Tensor?, weight: Tensor)
  }

  /// The formula that compares a query with a key.
  public var score: Score
  /// Whether query t uses only timesteps up to t.
  public var isCausal: Bool
  /// Whether the keys are a separate input.
  public var hasKey: Bool
  /// Whether the results of masked queries become zeros.
  public var hasQueryMask: Bool
  /// Whether masked values are ignored.
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
}

extension Attention: LayerKind {
  package var asLayer: Layer { .attention(self) }
  package var title: String {
    if case .additive = score { "AdditiveAttention" } else { "Attention" }
  }
  package var ports: LayerPorts {
    let count = 2 + [hasKey, hasQueryMask, hasValueMask].count { $0 }
    return LayerPorts(inputs: count...count, outputs: 1)
  }
  package var traits: LayerTraits {
    .batchFirst()
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    switch score {
    case .product(var scale):
      try visitor.visit(&scale, Parameter("the scale", .exactly([]), neutral: 1))
      score = .product(scale: scale)
    case .additive(var scale):
      try visitor.visit(&scale, Parameter("the scale", .axes(["width"]), neutral: 1))
      score = .additive(scale: scale)
    case .concatenation(var scale, var weight):
      try visitor.visit(&scale, Parameter("the scale", .exactly([]), neutral: 1))
      try visitor.visit(&weight, Parameter("the score weight", .exactly([])))
      score = .concatenation(scale: scale, weight: weight)
    }
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let (query, value) = (inputs[0], inputs[1])
    let key = hasKey ? inputs[2] : value
    guard query.count == 3, value.count == 3, key.count == 3, query[2].agrees(with: key[2]),
      key[1].agrees(with: value[1])
    else {
      throw ShapeProblem(
        expected: "query [batch, queries, width], value [batch, timesteps, …] and key "
          + "[batch, timesteps, width]")
    }
    let masks = inputs.dropFirst(hasKey ? 3 : 2)
    let masked = (hasQueryMask ? [query] : []) + (hasValueMask ? [value] : [])
    for (mask, of) in zip(masks, masked) {
      guard mask.count == 2, mask[0].agrees(with: of[0]), mask[1].agrees(with: of[1]) else {
        throw ShapeProblem(expected: "masks [batch, timesteps] of the query and the value")
      }
    }
    if case .additive(let scale?) = score, !Dimension.fixed(scale.count).agrees(with: key[2]) {
      throw ShapeProblem(expected: "keys of width \(scale.count)")
    }
    return [[query[0], query[1], value[2]]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    // Every query is multiplied with every key, over the width of both, and its weights with every
    // value.
    let pairs = [2, inputs[0][0], inputs[0][1], inputs[1][1]]
    return product(pairs + [inputs[0][2] + inputs[1][2]])
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
