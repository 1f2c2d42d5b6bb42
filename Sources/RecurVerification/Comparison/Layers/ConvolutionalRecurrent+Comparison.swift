import RecurModel

extension ConvolutionalRecurrent: ComparedKind {
  var comparedName: String { "convolutional LSTM" }
  var comparedFunction: String? { nil }

  func describe(_ layer: inout ComparedLayer) {
    layer.add(option: "activation", activation.name)
    layer.add(option: "recurrent activation", recurrentActivation.name)
    layer.add(option: "stride", strides.map(String.init).joined(separator: ", "))
    layer.add(option: "dilation", dilations.map(String.init).joined(separator: ", "))
    layer.add(option: "direction", direction.rawValue)
    layer.addWeights(of: self)
  }
}
