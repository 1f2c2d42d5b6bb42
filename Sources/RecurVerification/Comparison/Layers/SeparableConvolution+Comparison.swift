import RecurModel

extension SeparableConvolution: ComparedKind {
  var comparedName: String { "separable convolution" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(activation: pointwise.activation)
    layer.add(option: "stride", depthwise.strides.map(String.init).joined(separator: ", "))
    layer.add(option: "dilation", depthwise.dilations.map(String.init).joined(separator: ", "))
    layer.addWeights(of: self)
  }
}
