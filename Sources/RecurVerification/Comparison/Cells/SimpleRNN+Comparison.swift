import RecurModel

extension SimpleRNN: ComparedCell {
  func describe(_ layer: inout ComparedLayer, _ prefix: String) {
    layer.add(fixedOption: prefix + "cell", "RNN")
    layer.add(option: prefix + "activation", activation.name)
    layer.add(weights, prefix)
  }
}
