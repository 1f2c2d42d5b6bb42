import RecurModel

extension LSTM: ComparedCell {
  func describe(_ layer: inout ComparedLayer, _ prefix: String) {
    layer.add(fixedOption: prefix + "cell", "LSTM")
    layer.add(option: prefix + "activation", activation.name)
    layer.add(option: prefix + "recurrent activation", recurrentActivation.name)
    if let outputActivation {
      layer.add(option: prefix + "output activation", outputActivation.name)
    }
    if let cellLimit { layer.add(option: prefix + "limit of the cell", "\(cellLimit)") }
    if let projectionLimit {
      layer.add(option: prefix + "limit of the projection", "\(projectionLimit)")
    }
    layer.add(weights, prefix)
    if let projection { layer.add(prefix + "projection", [projection]) }
    if let peepholes {
      layer.add(prefix + "peephole of the input gate", [peepholes.input])
      layer.add(prefix + "peephole of the forget gate", [peepholes.forget])
      layer.add(prefix + "peephole of the output gate", [peepholes.output])
    }
  }
}
