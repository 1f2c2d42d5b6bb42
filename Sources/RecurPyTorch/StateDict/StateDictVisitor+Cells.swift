import RecurModel
import RecurTensors

extension StateDictVisitor {
  /// The weights of a cell, with every tensor replaced by the result of the visitor.
  mutating func visit<Gate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>, _ keys: StateDictKeys,
    units: Int, inputSize: Int, outputSize: Int
  ) throws(CheckpointError) -> RecurrentWeights<Gate> {
    func place(_ role: RecurrentTensorRole) -> GatePacking<Gate> {
      GatePacking(
        layout: layout, role: role,
        sizes: RecurrentSizes(
          units: units, inputSize: inputSize, outputSize: outputSize,
          declaredBy: "the architecture"),
        prefix: keys.prefix)
    }
    func key(_ parameter: RecurrentParameter) -> String { keys.key(parameter) }
    let kernel = try gates(key(.kernel), weights.kernel, place(.kernel))
    let recurrentKernel = try gates(
      key(.recurrentKernel), weights.recurrentKernel, place(.recurrentKernel))
    let bias: RecurrentWeights<Gate>.Bias
    switch weights.bias {
    case .none: bias = .none
    case .single(let own):
      let input = try gates(key(.bias), own, place(.bias))
      let ownType = own[layout.gateOrder[0]].elementType
      // float8E8M0FNU has powers of two only, and no zero.
      let type: ElementType = ownType == .float8E8M0FNU ? .float32 : ownType
      let zeros = try added(
        key(.recurrentBias),
        .zeros(type, shape: [layout.gateOrder.count * units]),
        because: "zeros, because torch adds two biases and this layer has one")
      bias = .split(input: input, recurrent: try layout.unpack(zeros))
    case .split(let input, let recurrent):
      bias = .split(
        input: try gates(key(.bias), input, place(.bias)),
        recurrent: try gates(key(.recurrentBias), recurrent, place(.bias)))
    }
    return RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias)
  }
}

extension RecurrentWeights {
  /// Whether there is a bias.
  var hasBias: Bool { if case .none = bias { false } else { true } }
}
