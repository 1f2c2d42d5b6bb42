public import RecurTensors

/// A transposed convolution over `[batch, axes…, channels]`: each position is spread over a window.
///
///     y[t·stride + k·dilation − before, o] += W[c, o, k] · x[t, c],  then + b[o], then φ
///
/// The result of n positions has (n − 1)·stride + span − before − after positions per axis; with a
/// negative `after` there are positions at the end that no window reaches.
public struct TransposedConvolution: Sendable {
  /// W: `[inputSize, outputSize / groups, sizes…]`.
  public var kernel: Tensor
  /// b: `[outputSize]`.
  public var bias: Tensor?
  /// φ.
  public var activation: Activation
  /// The distance between the windows of neighbouring positions, per axis.
  public var strides: [Int]
  /// The distance between neighbouring elements of a window, per axis.
  public var dilations: [Int]
  /// The positions that are cut off at both ends, per axis.
  public var cuts: [Reshaping.Margin]
  /// The number of channel groups.
  public var groups: Int

  /// Makes a layer.
  public init(
    kernel: Tensor, bias: Tensor?, activation: Activation, strides: [Int], dilations: [Int],
    cuts: [Reshaping.Margin], groups: Int
  ) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
    self.strides = strides
    self.dilations = dilations
    self.cuts = cuts
    self.groups = groups
  }

  /// The channel count of x.
  public var inputSize: Int { kernel.shape[0] }
  /// The channel count of y before φ.
  public var outputSize: Int { kernel.shape[1] * groups }
  /// The number of elements of a window, per axis.
  public var kernelSizes: [Int] { Array(kernel.shape.dropFirst(2)) }

  /// The windows along each axis of the result, one per position of the input.
  public var windows: [Window] {
    kernelSizes.indices.map { axis in
      Window(
        size: kernelSizes[axis], stride: strides[axis], dilation: dilations[axis],
        padding: .explicit(before: cuts[axis].before, after: cuts[axis].after))
    }
  }
}

extension TransposedConvolution: LayerKind {
  package var asLayer: Layer { .transposedConvolution(self) }
  package var title: String { "Conv\(strides.count)DTranspose(\(outputSize), \(windows.sizes))" }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits { .batchFirst(inputWidth: inputSize) }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    let axes = Convolution.axisNames(strides.count)
    try visitor.visit(
      &kernel, Parameter("the kernel", .axes([axes[1], axes[0]] + axes.dropFirst(2))))
    try visitor.visit(&bias, Parameter("the bias", .exactly([outputSize]), neutral: 0))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let (x, windows) = (inputs[0], windows)
    try demand(
      x, rank: windows.count + 2, width: inputSize, "[batch, \(spatialNames(windows.count)), %]")
    var extents: [Dimension] = []
    for (axis, window) in windows.enumerated() {
      let more = window.span - window.stride - cuts[axis].total
      let extent = x[axis + 1].times(window.stride).plus(more)
      guard extent.value ?? 1 > 0 else {
        throw ShapeProblem(expected: "more positions than are cut off")
      }
      extents.append(extent.shortened("axis\(axis + 1)(\(name))"))
    }
    return [[x[0]] + extents + [try activation.applied(to: .fixed(outputSize))]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    product([2, kernel.count] + inputs[0].dropLast())
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
