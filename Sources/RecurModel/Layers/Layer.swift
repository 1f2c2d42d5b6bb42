/// What one node of a model computes: the list of all kinds of layers.
///
/// The list is closed: a `switch` over it has no `default`. All that the model knows of a kind is in the
/// file of the struct that the case holds.
public indirect enum Layer: Sendable {
  /// A value the caller gives.
  case input(Input)
  /// A cell over the timesteps of a sequence.
  case recurrent(Recurrent)
  /// Two recurrent layers, from both ends of a sequence.
  case bidirectional(Bidirectional)
  /// A layer applied to every timestep (axis 1) by itself.
  case timeDistributed(TimeDistributed)
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
  /// Divided by the Euclidean norm over some axes.
  case unitNormalization(UnitNormalization)
  /// Standardised by the moments of groups of channels.
  case groupNormalization(GroupNormalization)
  /// Standardised by given moments.
  case standardization(Standardization)
  /// Multiplied and shifted by plain numbers.
  case scaling(Scaling)
  /// A function of every element.
  case activation(Activation)
  /// x for x ≥ 0, else a learned multiple of x.
  case parametricReLU(ParametricReLU)
  /// The same elements in another shape or order.
  case reshaping(Reshaping)
  /// One element along an axis.
  case selection(Selection)
  /// Several inputs made one.
  case merge(Merge)
  /// Values weighted by how their keys answer queries.
  case attention(Attention)
  /// Marks timesteps whose features all equal a value.
  case masking(Masking)
  /// Nothing, at inference: dropout and noise layers.
  case identity(Identity)
  /// Where the input differs from a value, as a Boolean tensor.
  case notEqual(NotEqual)
  /// Whether any element along an axis is true.
  case anyTrue(AnyTrue)
  /// Which timesteps lie before the end that lengths say.
  case lengthMask(LengthMask)
  /// Unknown; carried and never run.
  case opaque(OpaqueLayer)

  /// What the model knows of the layer.
  package var definition: any LayerKind {
    switch self {
    case .input(let layer): layer
    case .recurrent(let layer): layer
    case .bidirectional(let layer): layer
    case .timeDistributed(let layer): layer
    case .dense(let layer): layer
    case .embedding(let layer): layer
    case .convolution(let layer): layer
    case .pooling(let layer): layer
    case .batchNormalization(let layer): layer
    case .layerNormalization(let layer): layer
    case .unitNormalization(let layer): layer
    case .groupNormalization(let layer): layer
    case .standardization(let layer): layer
    case .scaling(let layer): layer
    case .activation(let layer): layer
    case .parametricReLU(let layer): layer
    case .reshaping(let layer): layer
    case .selection(let layer): layer
    case .merge(let layer): layer
    case .attention(let layer): layer
    case .masking(let layer): layer
    case .identity(let layer): layer
    case .notEqual(let layer): layer
    case .anyTrue(let layer): layer
    case .lengthMask(let layer): layer
    case .opaque(let layer): layer
    }
  }
}
