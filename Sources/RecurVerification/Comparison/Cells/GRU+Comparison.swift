import RecurModel

extension GRU: ComparedCell {
  func describe(_ layer: inout ComparedLayer, _ prefix: String) {
    let isAfter = resetPlacement == .afterProduct
    layer.add(fixedOption: prefix + "cell", "GRU")
    layer.add(
      fixedOption: prefix + "reset gate", isAfter ? "after the product" : "before the product")
    layer.add(option: prefix + "activation", activation.name)
    layer.add(option: prefix + "recurrent activation", recurrentActivation.name)
    // Only the recurrent bias of the candidate passes the reset gate, so its two biases stay
    // separate.
    layer.add(weights, prefix, apart: isAfter ? [.candidate] : [])
  }
}
