import RecurModel

extension Convolution: ComparedKind {
  var comparedName: String { "convolution" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(activation: activation)
    layer.add(option: "stride", strides.map(String.init).joined(separator: ", "))
    layer.add(option: "dilation", dilations.map(String.init).joined(separator: ", "))
    layer.add(option: "groups", groups)
    layer.addWeights(of: self)
  }
}
