import RecurModel
import RecurTensors

extension StateDictVisitor {
  /// The cell with every tensor replaced by what the visitor gives for it.
  ///
  /// Its keys begin with `prefix` and end with `suffix`: `_l0`, `_l0_reverse`, or nothing in a
  /// stack, whose keys are those of torch.nn.LSTMCell and its like.
  mutating func visit(
    _ cell: RecurrentCell, _ prefix: String, _ suffix: String
  ) throws(CheckpointError) -> RecurrentCell {
    switch cell {
    case .lstm(var lstm):
      lstm.weights = try visit(
        lstm.weights, PyTorchLayouts.lstm, prefix, suffix, units: lstm.units,
        inputSize: lstm.inputSize)
      return .lstm(lstm)
    case .gru(var gru):
      gru.weights = try visit(
        gru.weights, PyTorchLayouts.gru, prefix, suffix, units: gru.units,
        inputSize: gru.inputSize)
      return .gru(gru)
    case .simpleRNN(var rnn):
      rnn.weights = try visit(
        rnn.weights, PyTorchLayouts.simpleRNN, prefix, suffix, units: rnn.units,
        inputSize: rnn.inputSize)
      return .simpleRNN(rnn)
    case .stacked(var cells):
      for index in cells.indices {
        cells[index] = try visit(cells[index], "\(prefix).cells.\(index)", "")
      }
      return .stacked(cells)
    }
  }

  private mutating func visit<Gate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>, _ prefix: String,
    _ suffix: String, units: Int, inputSize: Int
  ) throws(CheckpointError) -> RecurrentWeights<Gate> {
    func place(_ role: RecurrentTensorRole) -> GatePlace<Gate> {
      GatePlace(
        layout: layout, role: role,
        sizes: RecurrentSizes(units: units, inputSize: inputSize, declaredBy: "the architecture"),
        prefix: prefix)
    }
    let kernel = try gates("\(prefix).weight_ih\(suffix)", weights.kernel, place(.kernel))
    let recurrentKernel = try gates(
      "\(prefix).weight_hh\(suffix)", weights.recurrentKernel, place(.recurrentKernel))
    let bias: RecurrentWeights<Gate>.Bias
    switch weights.bias {
    case .none: bias = .none
    case .single(let own):
      let input = try gates("\(prefix).bias_ih\(suffix)", own, place(.bias))
      let type = own[layout.gateOrder[0]].elementType
      let zeros = try added(
        "\(prefix).bias_hh\(suffix)",
        .zeros(type, shape: [layout.gateOrder.count * units]),
        because: "zeros, because torch adds two biases and this layer has one")
      bias = .split(input: input, recurrent: try layout.unpack(zeros))
    case .split(let input, let recurrent):
      bias = .split(
        input: try gates("\(prefix).bias_ih\(suffix)", input, place(.bias)),
        recurrent: try gates("\(prefix).bias_hh\(suffix)", recurrent, place(.bias)))
    }
    return RecurrentWeights(kernel: kernel, recurrentKernel: recurrentKernel, bias: bias)
  }
}
