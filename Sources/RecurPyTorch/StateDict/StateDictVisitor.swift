import RecurModel
import RecurTensors

/// What is done with every tensor of a layer under its key in a state dict.
///
/// `visit` knows the keys; a writer takes the tensors from it, a reader gives others instead.
protocol StateDictVisitor {
  /// A tensor that a layer holds; returns the one to use instead.
  mutating func tensor(_ key: String, _ tensor: Tensor) throws(CheckpointError) -> Tensor
  /// The gates of one tensor of a recurrent cell; returns those to use instead.
  mutating func gates<Gate>(
    _ key: String, _ gates: GateMap<Gate, Tensor>, _ place: GatePlace<Gate>
  ) throws(CheckpointError) -> GateMap<Gate, Tensor>
  /// A tensor that torch has and the layer has not; returns the one to use for it.
  mutating func added(
    _ key: String, _ tensor: Tensor, because reason: String
  ) throws(CheckpointError) -> Tensor
  /// A tensor that torch keeps beside the weights and that computes nothing.
  mutating func bookkeeping(_ key: String, _ tensor: Tensor) throws(CheckpointError)
}

/// Where the gates of a tensor belong.
struct GatePlace<Gate: RecurrentGate> {
  var layout: RecurrentLayout<Gate>
  var role: RecurrentTensorRole
  var sizes: RecurrentSizes
  /// The prefix of the layer's keys.
  var prefix: String
}

extension StateDictVisitor {
  /// The layer with every tensor replaced by what the visitor gives for it.
  ///
  /// Keys are those of the torch module of the same kind; layers torch has not have the names of
  /// their parameters in the generated code.
  mutating func visit(_ layer: Layer, _ keys: StateDictKeys) throws(CheckpointError) -> Layer {
    switch layer {
    case .recurrent(var recurrent):
      recurrent.cell = try visit(recurrent.cell, keys)
      return .recurrent(recurrent)
    case .bidirectional(var pair):
      var (one, other) = (keys, keys)
      if pair.isOneModule {
        other.suffix += "_reverse"
      } else {
        one = keys.part("forward_layer", suffix: keys.suffix)
        other = keys.part("backward_layer", suffix: keys.suffix)
      }
      pair.forward.cell = try visit(pair.forward.cell, one)
      pair.backward.cell = try visit(pair.backward.cell, other)
      return .bidirectional(pair)
    case .timeDistributed(let every):
      return .timeDistributed(TimeDistributed(try visit(every.inner, keys)))
    case .dense(var dense):
      dense.kernel = try tensor(keys.key("weight"), dense.kernel)
      dense.bias = try optional(keys.key("bias"), dense.bias)
      return .dense(dense)
    case .embedding(var embedding):
      embedding.table = try tensor(keys.key("weight"), embedding.table)
      return .embedding(embedding)
    case .convolution(var convolution):
      convolution.kernel = try tensor(keys.key("weight"), convolution.kernel)
      convolution.bias = try optional(keys.key("bias"), convolution.bias)
      return .convolution(convolution)
    case .batchNormalization(var normalization):
      (normalization.gamma, normalization.beta) = try affine(
        keys, normalization.gamma, normalization.beta)
      normalization.movingMean = try tensor(keys.key("running_mean"), normalization.movingMean)
      normalization.movingVariance = try tensor(
        keys.key("running_var"), normalization.movingVariance)
      let none = try Tensor.zeros(.int64, shape: [])
      try bookkeeping(keys.key("num_batches_tracked"), normalization.batchesTracked ?? none)
      return .batchNormalization(normalization)
    case .layerNormalization(var normalization):
      (normalization.gamma, normalization.beta) = try affine(
        keys, normalization.gamma, normalization.beta)
      return .layerNormalization(normalization)
    case .standardization(var moments):
      moments.mean = try tensor(keys.key("mean"), moments.mean)
      moments.variance = try tensor(keys.key("variance"), moments.variance)
      return .standardization(moments)
    case .parametricReLU(let rectifier):
      return .parametricReLU(ParametricReLU(alpha: try tensor(keys.key("weight"), rectifier.alpha)))
    case .attention(var attention):
      switch attention.score {
      case .product(let scale):
        attention.score = .product(scale: try optional(keys.key("scale"), scale))
      case .additive(let scale):
        attention.score = .additive(scale: try optional(keys.key("scale"), scale))
      case .concatenation(let scale, let weight):
        attention.score = .concatenation(
          scale: try optional(keys.key("scale"), scale),
          weight: try tensor(keys.key("score_weight"), weight))
      }
      return .attention(attention)
    case .opaque(var opaque):
      let names = PyTorchNames(opaque.tensors.map(\.name))
      for index in opaque.tensors.indices {
        let (name, own) = opaque.tensors[index]
        let key = keys.key(keys.isGiven ? name : names[name])
        opaque.tensors[index].tensor = try tensor(key, own)
      }
      return .opaque(opaque)
    case .input, .pooling, .scaling, .activation, .reshaping, .selection, .merge, .masking,
      .identity, .notEqual, .anyTrue, .lengthMask:
      return layer
    }
  }

  private mutating func optional(
    _ key: String, _ own: Tensor?
  ) throws(CheckpointError) -> Tensor? {
    guard let own else { return nil }
    return try tensor(key, own)
  }

  /// γ and β: torch has both or none of them.
  private mutating func affine(
    _ keys: StateDictKeys, _ gamma: Tensor?, _ beta: Tensor?
  ) throws(CheckpointError) -> (Tensor?, Tensor?) {
    guard let shape = (gamma ?? beta)?.shape, let type = (gamma ?? beta)?.elementType else {
      return (nil, nil)
    }
    if keys.isGiven {
      return (try optional(keys.key("weight"), gamma), try optional(keys.key("bias"), beta))
    }
    let reason = "because torch scales and shifts, and this layer does one of them"
    let scale =
      if let gamma { try tensor(keys.key("weight"), gamma) } else {
        try added(
          keys.key("weight"), ones(type, shape), because: "ones, \(reason)")
      }
    let shift =
      if let beta { try tensor(keys.key("bias"), beta) } else {
        try added(
          keys.key("bias"), .zeros(type, shape: shape), because: "zeros, \(reason)")
      }
    return (scale, shift)
  }

  private func ones(_ type: ElementType, _ shape: [Int]) throws(CheckpointError) -> Tensor {
    try .rounded(
      [Double](repeating: 1, count: shape.reduce(1, *)), shape: shape, type, at: .init())
  }
}

extension Bidirectional {
  /// Whether both directions differ in nothing but their weights and the end they begin at, so that
  /// one module, and the keys of one torch module, hold both.
  var isOneModule: Bool {
    guard forward.maskedOutput == backward.maskedOutput else { return false }
    switch (forward.cell, backward.cell) {
    case (.lstm(let one), .lstm(let other)):
      return one.units == other.units && one.activation == other.activation
        && one.recurrentActivation == other.recurrentActivation
        && one.weights.hasBias == other.weights.hasBias
    case (.gru(let one), .gru(let other)):
      return one.units == other.units && one.activation == other.activation
        && one.recurrentActivation == other.recurrentActivation
        && one.resetPlacement == other.resetPlacement
        && one.weights.hasBias == other.weights.hasBias
    case (.simpleRNN(let one), .simpleRNN(let other)):
      return one.units == other.units && one.activation == other.activation
        && one.weights.hasBias == other.weights.hasBias
    case (.lstm, _), (.gru, _), (.simpleRNN, _), (.stacked, _): return false
    }
  }
}

extension RecurrentWeights {
  /// Whether there is any bias.
  var hasBias: Bool { if case .none = bias { false } else { true } }
}
