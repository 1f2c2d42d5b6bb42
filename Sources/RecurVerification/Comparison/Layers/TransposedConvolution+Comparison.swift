import RecurModel

extension TransposedConvolution: ComparedKind {
  var comparedName: String { "transposed convolution" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(activation: activation)
    layer.add(option: "stride", strides.map(String.init).joined(separator: ", "))
    layer.add(option: "dilation", dilations.map(String.init).joined(separator: ", "))
    layer.add(
      option: "cut", cuts.map { "\($0.before) and \($0.after)" }.joined(separator: ", "))
    layer.add(option: "groups", groups)
    layer.addWeights(of: self)
  }
}
