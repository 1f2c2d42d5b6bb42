public import RecurTensors

/// A convolution along the timesteps of `[batch, timesteps, channels]`.
///
///     y[t, o] = φ(Σ over k, c: W[o, c, k] · x[t·stride + k·dilation − before, c] + b[o])
///
/// Channels are divided into `groups`; each output channel uses only the input channels of its own
/// group.
public struct Convolution: Sendable {
  /// W: `[outputSize, inputSize / groups, kernelSize]`.
  public var kernel: Tensor
  /// b: `[outputSize]`.
  public var bias: Tensor?
  /// φ.
  public var activation: Activation
  /// The distance between the starts of neighbouring windows, in timesteps.
  public var stride: Int
  /// The distance between neighbouring elements of a window, in timesteps.
  public var dilation: Int
  /// The number of channel groups.
  public var groups: Int
  /// The treatment of windows at both ends of the sequence.
  public var padding: Padding

  /// Makes a layer.
  public init(
    kernel: Tensor, bias: Tensor?, activation: Activation, stride: Int, dilation: Int, groups: Int,
    padding: Padding
  ) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
    self.stride = stride
    self.dilation = dilation
    self.groups = groups
    self.padding = padding
  }

  /// The channel count of x.
  public var inputSize: Int { kernel.shape[1] * groups }
  /// The channel count of y before φ.
  public var outputSize: Int { kernel.shape[0] }
  /// The number of timesteps that a window reads.
  public var kernelSize: Int { kernel.shape[2] }
  /// The number of timesteps from the first to the last timestep of a window, both included.
  public var span: Int { (kernelSize - 1) * dilation + 1 }
}

extension Convolution: LayerKind {
  package var asLayer: Layer { .convolution(self) }
  package var title: String { "Conv1D(\(outputSize), \(kernelSize))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .batchFirst(inputWidth: inputSize)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&kernel, Parameter("the kernel", .axes(["out", "in", "length"])))
    try visitor.visit(
      &bias, Parameter("the bias", .exactly(Array(kernel.shape.prefix(1))), neutral: 0))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    try demand(x, rank: 3, width: inputSize, "[batch, timesteps, %]")
    let steps = try padding.windows(of: x[1], span: span, stride: stride, named: name)
    return [[x[0], steps, try activation.applied(to: .fixed(outputSize))]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    product([2, outputs[0][0], outputs[0][1], kernel.count])
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
