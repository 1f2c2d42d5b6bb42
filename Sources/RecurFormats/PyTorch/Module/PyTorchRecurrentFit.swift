import RecurModel

extension Layer {
  /// Whether a recurrent layer without a mask is what a class of torch.nn computes; true for layers
  /// that are not recurrent.
  var isTorchRecurrent: Bool {
    switch self {
    case .recurrent(let recurrent): recurrent.cell.torchClass != nil
    case .bidirectional(let pair):
      pair.isOneModule && pair.forward.cell.torchClass != nil
        && pair.forward.cell.torchClass == pair.backward.cell.torchClass
    case .timeDistributed(let layer): layer.isTorchRecurrent
    case .input, .dense, .embedding, .convolution, .pooling, .batchNormalization,
      .layerNormalization, .standardization, .scaling, .activation, .parametricReLU, .reshaping,
      .selection, .merge, .attention, .masking, .identity, .notEqual, .anyTrue, .lengthMask,
      .opaque:
      true
    }
  }
}

extension RecurrentCell {
  /// The class of torch.nn that applies this cell to a sequence, or nil.
  var torchClass: String? {
    switch self {
    case .lstm(let lstm):
      lstm.activation == .tanh && lstm.recurrentActivation == .sigmoid ? "nn.LSTM" : nil
    case .gru(let gru):
      gru.activation == .tanh && gru.recurrentActivation == .sigmoid
        && gru.resetPlacement == .afterProduct ? "nn.GRU" : nil
    case .simpleRNN(let rnn): rnn.activation == .tanh || rnn.activation == .relu ? "nn.RNN" : nil
    case .stacked: nil
    }
  }

  /// What `torchClass` is given beyond the options that all classes have.
  var torchOptions: [String] {
    switch self {
    case .simpleRNN(let rnn): rnn.activation == .relu ? ["nonlinearity=\"relu\""] : []
    case .lstm(let lstm): lstm.projection == nil ? [] : ["proj_size=\(lstm.outputSize)"]
    case .gru, .stacked: []
    }
  }

  /// Whether the cell has biases; those of a stack may differ.
  var hasBias: Bool {
    switch self {
    case .lstm(let lstm): lstm.weights.hasBias
    case .gru(let gru): gru.weights.hasBias
    case .simpleRNN(let rnn): rnn.weights.hasBias
    case .stacked(let cells): cells.contains(where: \.hasBias)
    }
  }

  /// A name for every state, in order.
  var stateNames: [String] {
    switch self {
    case .lstm: ["h", "c"]
    case .gru, .simpleRNN: ["h"]
    case .stacked:
      cells.enumerated().flatMap { index, cell in cell.stateNames.map { "\($0)\(index)" } }
    }
  }
}
