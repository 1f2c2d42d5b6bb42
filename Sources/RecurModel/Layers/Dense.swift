public import RecurTensors

/// y = φ(W·x + b), applied to the last axis.
public struct Dense: Sendable {
  /// W: `[outputSize, inputSize]`.
  public var kernel: Tensor
  /// b: `[outputSize]`.
  public var bias: Tensor?
  /// φ.
  public var activation: Activation

  /// Makes a layer.
  public init(kernel: Tensor, bias: Tensor?, activation: Activation) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
  }

  /// The width of x.
  public var inputSize: Int { kernel.shape[1] }
  /// The width of W·x.
  public var outputSize: Int { kernel.shape[0] }
}

extension Dense: LayerKind {
  package var asLayer: Layer { .dense(self) }
  package var title: String { "Dense(\(outputSize))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .everyPosition(inputWidth: inputSize)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&kernel, Parameter("the kernel", .axes(["out", "in"])))
    try visitor.visit(
      &bias, Parameter("the bias", .exactly(Array(kernel.shape.prefix(1))), neutral: 0))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    try demand(x, rank: nil, width: inputSize, "[batch, …, %]")
    return [x.dropLast() + [try activation.applied(to: .fixed(outputSize))]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    product([2] + inputs[0].dropLast() + [kernel.count])
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? {
    activation.range.map { FeatureRange(repeating: $0, count: outputSize) }
  }
}
