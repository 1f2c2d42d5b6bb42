import RecurModel

extension Convolution: ComparedKind {
  var comparedName: String { "convolution" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(activation: activation)
    layer.add(option: "stride", stride)
    layer.add(option: "dilation", dilation)
    layer.add(option: "groups", groups)
    layer.addWeights(of: self)
  }
}
