import RecurModel
import RecurTensors

extension StateDictVisitor {
  /// The cell with every tensor replaced by what the visitor gives for it.
  ///
  /// In a stack, the keys are those of torch.nn.LSTMCell and its like.
  mutating func visit(
    _ cell: RecurrentCell, _ keys: StateDictKeys
  ) throws(CheckpointError) -> RecurrentCell {
    switch cell {
    case .lstm(var lstm):
      lstm.weights = try visit(
        lstm.weights, PyTorchLayouts.lstm, keys, units: lstm.units, inputSize: lstm.inputSize,
        outputSize: lstm.outputSize)
      if let projection = lstm.projection {
        lstm.projection = try tensor(keys.key("weight_hr\(keys.suffix)"), projection)
      }
      return .lstm(lstm)
    case .gru(var gru):
      gru.weights = try visit(
        gru.weights, PyTorchLayouts.gru, keys, units: gru.units, inputSize: gru.inputSize,
        outputSize: gru.units)
      return .gru(gru)
    case .simpleRNN(var rnn):
      rnn.weights = try visit(
        rnn.weights, PyTorchLayouts.simpleRNN, keys, units: rnn.units, inputSize: rnn.inputSize,
        outputSize: rnn.units)
      return .simpleRNN(rnn)
    case .stacked(var stack):
      for index in stack.cells.indices {
        stack.cells[index] = try visit(stack.cells[index], keys.part("cells.\(index)", suffix: ""))
      }
      return .stacked(stack)
    }
  }

  private mutating func visit<Gate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>, _ keys: StateDictKeys,
    units: Int, inputSize: Int, outputSize: Int
  ) throws(CheckpointError) -> RecurrentWeights<Gate> {
    func place(_ role: RecurrentTensorRole) -> GatePlace<Gate> {
      GatePlace(
        layout: layout, role: role,
        sizes: RecurrentSizes(
          units: units, inputSize: inputSize, outputSize: outputSize,
          declaredBy: "the architecture"),
        prefix: keys.prefix)
    }
    func key(_ parameter: String) -> String { keys.key(parameter + keys.suffix) }
    let kernel = try gates(key("weight_ih"), weights.kernel, place(.kernel))
    let recurrentKernel = try gates(
      key("weight_hh"), weights.recurrentKernel, place(.recurrentKernel))
    let bias: RecurrentWeights<Gate>.Bias
    switch weights.bias {
    case .none: bias = .none
    case .single(let own):
      let input = try gates(key("bias_ih"), own, place(.bias))
      let ownType = own[layout.gateOrder[0]].elementType
      // A type of powers of two has no zero.
      let type: ElementType = ownType == .float8E8M0FNU ? .float32 : ownType
      let zeros = try added(
        key("bias_hh"),
        .zeros(type, shape: [layout.gateOrder.count * units]),
        because: "zeros, because torch adds two biases and this layer has one")
      bias = .split(input: input, recurrent: try layout.unpack(zeros))
    case .split(let input, let recurrent):
      bias = .split(
        input: try gates(key("bias_ih"), input, place(.bias)),
        recurrent: try gates(key("bias_hh"), recurrent, place(.bias)))
    }
    return RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias)
  }
}
