public import RecurTensors

/// Dot-product attention of several heads, each with its own projections (Vaswani 2017).
///
/// Inputs, in order: the query `[batch, queries, width]`, the value and, if `hasKey`, the key
/// `[batch, timesteps, width]` (else the value is the key); then the masks of query, value and key,
/// `[batch, timesteps]`, as far as they are there.
///
///     q = query·Wq + bq, k = key·Wk + bk, v = value·Wv + bv     for each head
///     y = Σ over the heads of softmax(q·kᵀ / √width of q)·v·Wo + bo
///
/// With fewer heads for key and value, neighbouring heads of the query share one.
public struct MultiHeadAttention: Sendable {
  /// A projection into heads or out of them.
  public struct Projection: Sendable {
    /// `[width, heads, head width]` into heads, `[heads, head width, width]` out of them.
    public var kernel: Tensor
    /// `[heads, head width]` or `[width]`; nil for 0.
    public var bias: Tensor?

    /// Makes a projection.
    public init(kernel: Tensor, bias: Tensor?) {
      self.kernel = kernel
      self.bias = bias
    }
  }

  /// The projection of the query.
  public var query: Projection
  /// The projection of the key.
  public var key: Projection
  /// The projection of the value.
  public var value: Projection
  /// The projection of the joined heads.
  public var output: Projection
  /// Whether query t uses only timesteps up to t.
  public var isCausal: Bool
  /// Whether the key is a separate input.
  public var hasKey: Bool
  /// Whether masks of the query, the value and the key are inputs.
  public var masks: Masks

  /// The masks that are inputs.
  public struct Masks: Hashable, Sendable {
    /// Whether the query has a mask.
    public var query = false
    /// Whether the value has a mask.
    public var value = false
    /// Whether the key has a mask.
    public var key = false

    /// No masks.
    public init() {}

    /// The number of masks.
    package var count: Int { [query, value, key].count { $0 } }
  }

  /// Makes a layer without masks.
  public init(
    query: Projection, key: Projection, value: Projection, output: Projection, isCausal: Bool,
    hasKey: Bool
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.isCausal = isCausal
    self.hasKey = hasKey
    masks = Masks()
  }

  /// The number of heads of the query.
  public var heads: Int { query.kernel.shape[1] }
  /// The number of heads of key and value.
  public var keyHeads: Int { key.kernel.shape[1] }
  /// The width of a head of query and key.
  public var headWidth: Int { query.kernel.shape[2] }
}

extension MultiHeadAttention: LayerKind {
  package var asLayer: Layer { .multiHeadAttention(self) }
  package var title: String {
    keyHeads == heads
      ? "MultiHeadAttention(\(heads))" : "GroupedQueryAttention(\(heads), \(keyHeads))"
  }
  package var ports: LayerPorts {
    let count = (hasKey ? 3 : 2) + masks.count
    return LayerPorts(inputs: count...count, outputs: 1)
  }
  package var traits: LayerTraits { .batchFirst(inputWidth: query.kernel.shape[0]) }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(
      &query.kernel, Parameter("the query kernel", .axes(["width", "heads", "size"])))
    try visitor.visit(
      &query.bias, Parameter("the query bias", .axes(["heads", "size"]), neutral: 0))
    try visitor.visit(&key.kernel, Parameter("the key kernel", .axes(["width", "heads", "size"])))
    try visitor.visit(&key.bias, Parameter("the key bias", .axes(["heads", "size"]), neutral: 0))
    try visitor.visit(
      &value.kernel, Parameter("the value kernel", .axes(["width", "heads", "size"])))
    try visitor.visit(
      &value.bias, Parameter("the value bias", .axes(["heads", "size"]), neutral: 0))
    try visitor.visit(
      &output.kernel, Parameter("the output kernel", .axes(["heads", "size", "width"])))
    try visitor.visit(&output.bias, Parameter("the output bias", .axes(["width"]), neutral: 0))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let (query, value) = (inputs[0], inputs[1])
    let key = hasKey ? inputs[2] : value
    func fits(_ x: [Dimension], _ kernel: Tensor) -> Bool {
      x.count == 3 && x[2].agrees(with: .fixed(kernel.shape[0]))
    }
    guard fits(query, self.query.kernel), fits(value, self.value.kernel),
      fits(key, self.key.kernel), key[1].agrees(with: value[1])
    else {
      throw ShapeProblem(
        expected: "query [batch, queries, \(self.query.kernel.shape[0])], value [batch, timesteps, "
          + "\(self.value.kernel.shape[0])] and key [batch, timesteps, \(self.key.kernel.shape[0])]"
      )
    }
    let masked =
      (masks.query ? [query] : []) + (masks.value ? [value] : []) + (masks.key ? [key] : [])
    for (mask, of) in zip(inputs.dropFirst(hasKey ? 3 : 2), masked) {
      guard mask.count == 2, mask[1].agrees(with: of[1]) else {
        throw ShapeProblem(expected: "masks [batch, timesteps] of query, value and key")
      }
    }
    return [[query[0], query[1], .fixed(output.kernel.shape[2])]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    let (batch, queries, timesteps) = (inputs[0][0], inputs[0][1], inputs[1][1])
    let width = value.kernel.shape[2]
    let parts = [
      product([2, batch, queries, query.kernel.count + output.kernel.count]),
      product([2, batch, timesteps, key.kernel.count + value.kernel.count]),
      product([2, batch, queries, timesteps, heads, headWidth + width]),
    ]
    return parts.reduce(0) { sum, part in
      guard let sum, let part else { return nil }
      let (next, overflow) = sum.addingReportingOverflow(part)
      return overflow ? nil : next
    }
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
