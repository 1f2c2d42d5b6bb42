package import RecurTensors

/// A change of one tensor.
package typealias TensorChange = (Tensor) throws(CheckpointError) -> Tensor

extension Layer {
  /// The same layer with every weight replaced by what `change` makes of it, in the order of
  /// ``tensors``.
  ///
  /// - Throws: what `change` throws.
  package func mappingTensors(_ change: TensorChange) throws(CheckpointError) -> Layer {
    switch self {
    case .recurrent(var recurrent):
      recurrent.cell = try recurrent.cell.mappingTensors(change)
      return .recurrent(recurrent)
    case .bidirectional(var pair):
      pair.forward.cell = try pair.forward.cell.mappingTensors(change)
      pair.backward.cell = try pair.backward.cell.mappingTensors(change)
      return .bidirectional(pair)
    case .timeDistributed(let layer): return .timeDistributed(try layer.mappingTensors(change))
    case .dense(var dense):
      dense.kernel = try change(dense.kernel)
      try replace(&dense.bias, change)
      return .dense(dense)
    case .embedding(var embedding):
      embedding.table = try change(embedding.table)
      return .embedding(embedding)
    case .convolution(var convolution):
      convolution.kernel = try change(convolution.kernel)
      try replace(&convolution.bias, change)
      return .convolution(convolution)
    case .batchNormalization(var normalization):
      try replace(&normalization.gamma, change)
      try replace(&normalization.beta, change)
      normalization.movingMean = try change(normalization.movingMean)
      normalization.movingVariance = try change(normalization.movingVariance)
      return .batchNormalization(normalization)
    case .layerNormalization(var normalization):
      try replace(&normalization.gamma, change)
      try replace(&normalization.beta, change)
      return .layerNormalization(normalization)
    case .standardization(var moments):
      moments.mean = try change(moments.mean)
      moments.variance = try change(moments.variance)
      return .standardization(moments)
    case .parametricReLU(let alpha): return .parametricReLU(alpha: try change(alpha))
    case .attention(var attention):
      switch attention.score {
      case .product(var scale):
        try replace(&scale, change)
        attention.score = .product(scale: scale)
      case .additive(var scale):
        try replace(&scale, change)
        attention.score = .additive(scale: scale)
      case .concatenation(var scale, let weight):
        try replace(&scale, change)
        attention.score = .concatenation(scale: scale, weight: try change(weight))
      }
      return .attention(attention)
    case .opaque(var opaque):
      for index in opaque.tensors.indices {
        opaque.tensors[index].tensor = try change(opaque.tensors[index].tensor)
      }
      return .opaque(opaque)
    case .input, .pooling, .scaling, .activation, .reshaping, .selection, .merge, .masking,
      .identity, .notEqual, .anyTrue, .lengthMask:
      return self
    }
  }

  /// The same layer with every recurrent layer in it replaced, those of both directions too.
  ///
  /// - Throws: what `change` throws.
  package func mappingRecurrent(
    _ change: (Recurrent) throws(CheckpointError) -> Recurrent
  ) throws(CheckpointError) -> Layer {
    switch self {
    case .recurrent(let recurrent): return .recurrent(try change(recurrent))
    case .bidirectional(var pair):
      pair.forward = try change(pair.forward)
      pair.backward = try change(pair.backward)
      return .bidirectional(pair)
    case .timeDistributed(let layer): return .timeDistributed(try layer.mappingRecurrent(change))
    case .input, .dense, .embedding, .convolution, .pooling, .batchNormalization,
      .layerNormalization, .standardization, .scaling, .activation, .parametricReLU, .reshaping,
      .selection, .merge, .attention, .masking, .identity, .notEqual, .anyTrue, .lengthMask,
      .opaque:
      return self
    }
  }
}

private func replace(_ tensor: inout Tensor?, _ change: TensorChange) throws(CheckpointError) {
  if let own = tensor { tensor = try change(own) }
}

extension RecurrentCell {
  /// The same cell with every weight replaced.
  ///
  /// - Throws: what `change` throws.
  package func mappingTensors(_ change: TensorChange) throws(CheckpointError) -> RecurrentCell {
    switch self {
    case .lstm(var lstm):
      lstm.weights = try lstm.weights.mappingTensors(change)
      try replace(&lstm.projection, change)
      if let peepholes = lstm.peepholes {
        lstm.peepholes = LSTM.Peepholes(
          input: try change(peepholes.input), forget: try change(peepholes.forget),
          output: try change(peepholes.output))
      }
      return .lstm(lstm)
    case .gru(var gru):
      gru.weights = try gru.weights.mappingTensors(change)
      return .gru(gru)
    case .simpleRNN(var rnn):
      rnn.weights = try rnn.weights.mappingTensors(change)
      return .simpleRNN(rnn)
    case .stacked(let cells):
      var changed: [RecurrentCell] = []
      for cell in cells { changed.append(try cell.mappingTensors(change)) }
      return .stacked(changed)
    }
  }
}

extension RecurrentWeights {
  /// The same weights, every tensor replaced, in the order of ``tensors``.
  ///
  /// - Throws: what `change` throws.
  package func mappingTensors(_ change: TensorChange) throws(CheckpointError) -> RecurrentWeights {
    var copy = self
    for gate in Gate.allCases {
      copy.kernel[gate] = try change(kernel[gate])
      copy.recurrentKernel[gate] = try change(recurrentKernel[gate])
      switch copy.bias {
      case .none: break
      case .single(var one):
        one[gate] = try change(one[gate])
        copy.bias = .single(one)
      case .split(var input, var recurrent):
        input[gate] = try change(input[gate])
        recurrent[gate] = try change(recurrent[gate])
        copy.bias = .split(input: input, recurrent: recurrent)
      }
    }
    return copy
  }
}
