public import RecurTensors

/// What one node of a model computes.
///
/// The set is closed: a `switch` over it has no `default`.
public indirect enum Layer: Sendable {
  /// A value the caller gives.
  case input(Input)
  /// A cell over the timesteps of a sequence.
  case recurrent(Recurrent)
  /// Two recurrent layers, from both ends of a sequence.
  case bidirectional(Bidirectional)
  /// A layer applied to every timestep (axis 1) by itself.
  case timeDistributed(Layer)
  /// y = φ(W·x + b) on the last axis.
  case dense(Dense)
  /// A row of a table per token.
  case embedding(Embedding)
  /// Windows over the timesteps, weighted.
  case convolution(Convolution)
  /// The largest or the mean of windows over the timesteps.
  case pooling(Pooling)
  /// Standardised by the moments of the training data.
  case batchNormalization(BatchNormalization)
  /// Standardised by the moments of the last axis.
  case layerNormalization(LayerNormalization)
  /// Standardised by given moments.
  case standardization(Standardization)
  /// Multiplied and shifted by plain numbers.
  case scaling(Scaling)
  /// A function of every element.
  case activation(Activation)
  /// x for x ≥ 0, else alpha ⊙ x, with alpha learned; alpha has the shape of x without the batch,
  /// or 1 where it is shared along an axis.
  case parametricReLU(alpha: Tensor)
  /// The same elements in another shape or order.
  case reshaping(Reshaping)
  /// One element along an axis.
  case selection(Selection)
  /// Several inputs made one.
  case merge(Merge)
  /// Values weighted by how their keys answer queries.
  case attention(Attention)
  /// Marks timesteps whose features all equal a value; outputs: the masked x, then the mask.
  case masking(value: Double)
  /// Nothing, at inference: dropout and noise layers, by their class name.
  case identity(className: String)
  /// Where the input differs from a value, as a Boolean tensor.
  case notEqual(value: Double)
  /// Whether any element along `axis` is true.
  case anyTrue(axis: Int, keepsAxis: Bool)
  /// Which timesteps of `[batch, timesteps, …]` lie before the end that lengths, `[batch]`, say;
  /// inputs: the sequence and the lengths.
  case lengthMask
  /// Unknown; carried and never run.
  case opaque(OpaqueLayer)

  /// A short name of the kind, for tables: `LSTM(4)`.
  public var title: String {
    switch self {
    case .input: "Input"
    case .recurrent(let recurrent): recurrent.cell.title
    case .bidirectional(let pair):
      pair.forward.cell.title == pair.backward.cell.title
        ? "Bidirectional(\(pair.forward.cell.title))"
        : "Bidirectional(\(pair.forward.cell.title), \(pair.backward.cell.title))"
    case .timeDistributed(let layer): "TimeDistributed(\(layer.title))"
    case .dense(let dense): "Dense(\(dense.outputSize))"
    case .embedding(let embedding):
      "Embedding(\(embedding.vocabularySize), \(embedding.outputSize))"
    case .convolution(let convolution):
      "Conv1D(\(convolution.outputSize), \(convolution.kernelSize))"
    case .pooling(let pooling):
      (pooling.window == nil ? "Global" : "")
        + (pooling.operation == .maximum ? "MaxPooling" : "AveragePooling")
        + (pooling.window.map { "(\($0.size))" } ?? "")
    case .batchNormalization: "BatchNormalization"
    case .layerNormalization: "LayerNormalization"
    case .standardization: "Normalization"
    case .scaling: "Rescaling"
    case .activation(let activation): "Activation(\(activation.name))"
    case .parametricReLU: "PReLU"
    case .reshaping(let reshaping): reshaping.name
    case .selection(let selection): "Select(axis \(selection.axis), \(selection.index))"
    case .merge(let merge): merge.name
    case .attention(let attention):
      if case .additive = attention.score { "AdditiveAttention" } else { "Attention" }
    case .masking(let value): "Masking(\(value))"
    case .identity(let className): className
    case .notEqual(let value): "NotEqual(\(value))"
    case .anyTrue(let axis, _): "Any(axis \(axis))"
    case .lengthMask: "LengthMask"
    case .opaque(let opaque): opaque.className
    }
  }

  /// The number of learned numbers.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.tensor.count } }

  /// Every weight with its role in words.
  package var tensors: [(role: String, tensor: Tensor)] {
    func named(_ role: String, _ tensor: Tensor?) -> [(role: String, tensor: Tensor)] {
      tensor.map { [(role, $0)] } ?? []
    }
    switch self {
    case .recurrent(let recurrent): return recurrent.cell.tensors
    case .bidirectional(let pair):
      return pair.forward.cell.tensors.map { ("\($0.role), forward,", $0.tensor) }
        + pair.backward.cell.tensors.map { ("\($0.role), backward,", $0.tensor) }
    case .timeDistributed(let layer): return layer.tensors
    case .dense(let dense): return [("the kernel", dense.kernel)] + named("the bias", dense.bias)
    case .embedding(let embedding): return [("the table", embedding.table)]
    case .convolution(let convolution):
      return [("the kernel", convolution.kernel)] + named("the bias", convolution.bias)
    case .batchNormalization(let normalization):
      return named("gamma", normalization.gamma) + named("beta", normalization.beta) + [
        ("the moving mean", normalization.movingMean),
        ("the moving variance", normalization.movingVariance),
      ]
    case .layerNormalization(let normalization):
      return named("gamma", normalization.gamma) + named("beta", normalization.beta)
    case .standardization(let moments):
      return [("the mean", moments.mean), ("the variance", moments.variance)]
    case .parametricReLU(let alpha): return [("alpha", alpha)]
    case .attention(let attention):
      switch attention.score {
      case .product(let scale), .additive(let scale): return named("the scale", scale)
      case .concatenation(let scale, let weight):
        return named("the scale", scale) + [("the score weight", weight)]
      }
    case .opaque(let opaque): return opaque.tensors.map { ("'\($0.name)'", $0.tensor) }
    case .input, .pooling, .scaling, .activation, .reshaping, .selection, .merge, .masking,
      .identity, .notEqual, .anyTrue, .lengthMask:
      return []
    }
  }

  /// The number of values the layer puts out.
  package var outputCount: Int {
    switch self {
    case .recurrent(let recurrent):
      1 + (recurrent.returnsState ? recurrent.cell.stateSizes.count : 0)
    case .bidirectional(let pair):
      pair.outputCount + (pair.forward.returnsState ? pair.stateSizes.count : 0)
    case .embedding(let embedding): embedding.masksZero ? 2 : 1
    case .masking: 2
    case .opaque(let opaque): opaque.outputCount
    case .input, .timeDistributed, .dense, .convolution, .pooling, .batchNormalization,
      .layerNormalization, .standardization, .scaling, .activation, .parametricReLU, .reshaping,
      .selection, .merge, .attention, .identity, .notEqual, .anyTrue, .lengthMask:
      1
    }
  }

  /// The number of values the layer takes besides its initial state and mask.
  package var inputCount: ClosedRange<Int> {
    switch self {
    case .input: 0...0
    case .merge(.subtract), .merge(.dot), .lengthMask: 2...2
    case .merge: 1...Int.max
    case .attention(let attention): attention.inputCount...attention.inputCount
    case .opaque: 0...Int.max
    case .recurrent, .bidirectional, .timeDistributed, .dense, .embedding, .convolution, .pooling,
      .batchNormalization, .layerNormalization, .standardization, .scaling, .activation,
      .parametricReLU, .reshaping, .selection, .masking, .identity, .notEqual, .anyTrue:
      1...1
    }
  }

  /// The widths of the states a call may begin with; empty for layers without a state.
  package var stateSizes: [Int] {
    switch self {
    case .recurrent(let recurrent): recurrent.cell.stateSizes
    case .bidirectional(let pair): pair.stateSizes
    default: []
    }
  }

  /// What those states are called: `h`, `c`; with the direction before it where there are two:
  /// `backward.c`.
  package var stateNames: [String] {
    switch self {
    case .recurrent(let recurrent): recurrent.cell.stateNames
    case .bidirectional(let pair):
      pair.forward.cell.stateNames.map { "forward.\($0)" }
        + pair.backward.cell.stateNames.map { "backward.\($0)" }
    default: []
    }
  }

  /// The cell of a recurrent layer, that of the first direction of two; nil for other layers.
  package var firstCell: RecurrentCell? {
    switch self {
    case .recurrent(let recurrent): recurrent.cell
    case .bidirectional(let pair): pair.forward.cell
    case .timeDistributed(let layer): layer.firstCell
    default: nil
    }
  }

  /// Whether a call begins with the state the call before it ended with.
  package var isStateful: Bool {
    switch self {
    case .recurrent(let recurrent): recurrent.isStateful
    case .bidirectional(let pair): pair.forward.isStateful || pair.backward.isStateful
    default: false
    }
  }

  /// How wide the weights say that the last axis of the input is; nil where they don't.
  package var inputWidth: Int? {
    switch self {
    case .dense(let dense): dense.inputSize
    case .convolution(let convolution): convolution.inputSize
    case .batchNormalization(let normalization): normalization.movingMean.count
    case .layerNormalization(let normalization): normalization.width
    case .recurrent(let recurrent): recurrent.cell.inputSize
    case .bidirectional(let pair): pair.forward.cell.inputSize
    case .timeDistributed(let layer): layer.inputWidth
    case .input, .embedding, .pooling, .standardization, .scaling, .activation, .parametricReLU,
      .reshaping, .selection, .merge, .attention, .masking, .identity, .notEqual, .anyTrue,
      .lengthMask, .opaque:
      nil
    }
  }

  /// Whether the weights say how wide the last axis of the input is.
  package var demandsWidth: Bool { inputWidth != nil }
}
