import RecurTensors

/// A convolution of each channel by itself, then a mixture of the channels at each position.
public struct SeparableConvolution: Sendable {
  /// The convolution of each channel; it has neither bias nor activation.
  public var depthwise: Convolution
  /// The mixture: a convolution whose windows hold one element.
  public var pointwise: Convolution

  /// Makes a layer of two convolutions.
  public init(depthwise: Convolution, pointwise: Convolution) {
    self.depthwise = depthwise
    self.pointwise = pointwise
  }
}

extension SeparableConvolution: LayerKind {
  package var asLayer: Layer { .separableConvolution(self) }
  package var title: String {
    let axes = depthwise.strides.count
    return "SeparableConv\(axes)D(\(pointwise.outputSize), \(depthwise.windows.sizes))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits { .batchFirst(inputWidth: depthwise.inputSize) }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {
    let axes = Convolution.axisNames(depthwise.strides.count)
    try visitor.visit(&depthwise.kernel, Parameter("the depthwise kernel", .axes(axes)))
    try visitor.visit(&pointwise.kernel, Parameter("the pointwise kernel", .axes(axes)))
    let width = Array(pointwise.kernel.shape.prefix(1))
    try visitor.visit(&pointwise.bias, Parameter("the bias", .exactly(width), neutral: 0))
  }

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    try pointwise.outputShapes(try depthwise.outputShapes(inputs, named: name), named: name)
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    let kernels = depthwise.kernel.count + pointwise.kernel.count
    return product([2, kernels] + outputs[0].dropLast())
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
