public import RecurTensors

/// A convolution over `[batch, axes…, channels]`, along one to three axes.
///
///     y[t, o] = φ(Σ over k, c: W[o, c, k] · x[t·stride + k·dilation − before, c] + b[o])
///
/// t and k have one component per axis. Channels are divided into `groups`; each output channel
/// uses only the input channels of its own group.
public struct Convolution: Sendable {
  /// W: `[outputSize, inputSize / groups, sizes…]`.
  public var kernel: Tensor
  /// b: `[outputSize]`.
  public var bias: Tensor?
  /// φ.
  public var activation: Activation
  /// The distance between the starts of neighbouring windows, per axis.
  public var strides: [Int]
  /// The distance between neighbouring elements of a window, per axis.
  public var dilations: [Int]
  /// The treatment of windows at both ends, per axis.
  public var paddings: [Padding]
  /// The number of channel groups.
  public var groups: Int
  /// Whether the layer is declared as one group per input channel, each with as many outputs.
  ///
  /// The numbers are those of a convolution with as many groups; a format that has a layer of its
  /// own for this stores it as that.
  public var isDepthwise: Bool

  /// Makes a layer from values per axis.
  public init(
    kernel: Tensor, bias: Tensor?, activation: Activation, strides: [Int], dilations: [Int],
    paddings: [Padding], groups: Int, isDepthwise: Bool = false
  ) {
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
    self.strides = strides
    self.dilations = dilations
    self.paddings = paddings
    self.groups = groups
    self.isDepthwise = isDepthwise
  }

  /// Makes a layer with the same values on every axis of the kernel.
  public init(
    kernel: Tensor, bias: Tensor?, activation: Activation, stride: Int, dilation: Int, groups: Int,
    padding: Padding
  ) {
    let axes = max(kernel.rank - 2, 0)
    self.init(
      kernel: kernel, bias: bias, activation: activation,
      strides: [Int](repeating: stride, count: axes),
      dilations: [Int](repeating: dilation, count: axes),
      paddings: [Padding](repeating: padding, count: axes), groups: groups)
  }

  /// The channel count of x.
  public var inputSize: Int { kernel.shape[1] * groups }
  /// The channel count of y before φ.
  public var outputSize: Int { kernel.shape[0] }
  /// The number of elements that a window reads, per axis.
  public var kernelSizes: [Int] { Array(kernel.shape.dropFirst(2)) }
  /// The windows along each axis.
  public var windows: [Window] {
    kernelSizes.indices.map { axis in
      Window(
        size: kernelSizes[axis], stride: strides[axis], dilation: dilations[axis],
        padding: paddings[axis])
    }
  }
}

extension Convolution: LayerKind {
  package var asLayer: Layer { .convolution(self) }
  package var title: String {
    let name = isDepthwise ? "DepthwiseConv" : "Conv"
    return "\(name)\(strides.count)D(\(outputSize), \(windows.sizes))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    .batchFirst(inputWidth: inputSize)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    try visitor.visit(&kernel, Parameter("the kernel", .axes(Self.axisNames(strides.count))))
    try visitor.visit(
      &bias, Parameter("the bias", .exactly(Array(kernel.shape.prefix(1))), neutral: 0))
  }

  /// The axes of a kernel, in words.
  static func axisNames(_ count: Int) -> [String] {
    let names = ["depth", "height", "width"]
    return ["out", "in"] + (count == 1 ? ["length"] : Array(names.suffix(count)))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    guard groups > 0, outputSize % groups == 0 else {
      throw ShapeProblem(expected: "\(outputSize) outputs in \(groups) groups of one size")
    }
    let extents = try windows.over(x, width: inputSize, named: name)
    return [[x[0]] + extents + [try activation.applied(to: .fixed(outputSize))]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    product([2, kernel.count] + outputs[0].dropLast())
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
