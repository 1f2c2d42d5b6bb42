/// The computation of one node of a model: the list of all kinds of layers.
///
/// The list is closed: a `switch` over it has no `default`. The struct in each case holds all that
/// the model knows of the kind.
public indirect enum Layer: Sendable {
  /// An input of the model.
  case input(Input)
  /// A cell run over the timesteps of a sequence.
  case recurrent(Recurrent)
  /// Two recurrent layers, one from each end of a sequence.
  case bidirectional(Bidirectional)
  /// A layer applied to each timestep (axis 1) separately.
  case timeDistributed(TimeDistributed)
  /// y = φ(W·x + b) on the last axis.
  case dense(Dense)
  /// Replaces each token by a row of a table.
  case embedding(Embedding)
  /// Weighted sums of windows along one to three axes.
  case convolution(Convolution)
  /// A convolution of each channel, then a mixture of channels.
  case separableConvolution(SeparableConvolution)
  /// Positions spread over windows.
  case transposedConvolution(TransposedConvolution)
  /// A long short-term memory whose products are convolutions.
  case convolutionalRecurrent(ConvolutionalRecurrent)
  /// The maximum or mean of windows along one to three axes.
  case pooling(Pooling)
  /// Standardized by mean and variance of the training data.
  case batchNormalization(BatchNormalization)
  /// Standardized by mean and variance of the last axis.
  case layerNormalization(LayerNormalization)
  /// Divided by the Euclidean norm over some axes.
  case unitNormalization(UnitNormalization)
  /// Standardized by mean and variance of channel groups.
  case groupNormalization(GroupNormalization)
  /// Standardized by given mean and variance.
  case standardization(Standardization)
  /// Multiplied and shifted by constants.
  case scaling(Scaling)
  /// A function applied to every element.
  case activation(Activation)
  /// x for x ≥ 0, else a learned multiple of x.
  case parametricReLU(ParametricReLU)
  /// The same elements in another shape or order.
  case reshaping(Reshaping)
  /// One element along an axis.
  case selection(Selection)
  /// Combines several inputs into one output.
  case merge(Merge)
  /// A mean of values, weighted by the scores of queries and keys.
  case attention(Attention)
  /// Marks timesteps whose features all equal a value.
  case masking(Masking)
  /// Changes nothing at inference: dropout and noise layers.
  case identity(Identity)
  /// Where the input differs from a value, as a Boolean tensor.
  case notEqual(NotEqual)
  /// Whether any element along an axis is true, as a Boolean tensor.
  case anyTrue(AnyTrue)
  /// A mask of the timesteps before the ends that sequence lengths give.
  case lengthMask(LengthMask)
  /// A part along some axes.
  case slicing(Slicing)
  /// One number for all elements along some axes.
  case reduction(Reduction)
  /// A function of two numbers, element by element.
  case binary(Binary)
  /// A function of one number, element by element.
  case unary(Unary)
  /// One of two values, by a condition.
  case conditional(Where)
  /// Limited to a range.
  case clamp(Clamp)
  /// The same numbers in another element type.
  case casting(Casting)
  /// Products of matrices.
  case matrixProduct(MatrixProduct)
  /// Positive numbers whose sum along some axes is 1.
  case softmax(Softmax)
  /// Sums of products by an equation.
  case einsum(Einsum)
  /// Attention of several heads with projections.
  case multiHeadAttention(MultiHeadAttention)
  /// The number of boundaries that are not above a number.
  case bucketing(Bucketing)
  /// Categories as vectors.
  case categoryEncoding(CategoryEncoding)
  /// The position of the largest or smallest element along an axis.
  case argReduction(ArgReduction)
  /// The sum or product of all elements up to each position of an axis.
  case cumulation(Cumulation)
  /// Elements along an axis in the order of their sizes.
  case sorting(Sorting)
  /// Elements at given positions of an axis.
  case gathering(Gathering)
  /// Whole numbers as vectors with one 1.
  case oneHot(OneHot)
  /// Elements of an axis, or the whole axis, several times.
  case repetition(Repetition)
  /// Positions added at both ends of some axes.
  case bordering(Bordering)
  /// One triangle of matrices; zeros elsewhere.
  case triangle(Triangle)
  /// The position of a whole number in a list.
  case lookup(Lookup)
  /// Divided by the root mean square of the last axis.
  case rootMeanSquareNormalization(RootMeanSquareNormalization)
  /// Positions between the positions of an image.
  case interpolation(Interpolation)
  /// A layer of an unknown class; its tensors are kept, and it can't run.
  case opaque(OpaqueLayer)

  /// The struct of this case.
  package var definition: any LayerKind {
    switch self {
    case .input(let layer): layer
    case .recurrent(let layer): layer
    case .bidirectional(let layer): layer
    case .timeDistributed(let layer): layer
    case .dense(let layer): layer
    case .embedding(let layer): layer
    case .convolution(let layer): layer
    case .separableConvolution(let layer): layer
    case .transposedConvolution(let layer): layer
    case .convolutionalRecurrent(let layer): layer
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
    case .slicing(let layer): layer
    case .reduction(let layer): layer
    case .binary(let layer): layer
    case .unary(let layer): layer
    case .conditional(let layer): layer
    case .clamp(let layer): layer
    case .casting(let layer): layer
    case .matrixProduct(let layer): layer
    case .softmax(let layer): layer
    case .einsum(let layer): layer
    case .multiHeadAttention(let layer): layer
    case .bucketing(let layer): layer
    case .categoryEncoding(let layer): layer
    case .argReduction(let layer): layer
    case .cumulation(let layer): layer
    case .sorting(let layer): layer
    case .gathering(let layer): layer
    case .oneHot(let layer): layer
    case .repetition(let layer): layer
    case .bordering(let layer): layer
    case .triangle(let layer): layer
    case .lookup(let layer): layer
    case .rootMeanSquareNormalization(let layer): layer
    case .interpolation(let layer): layer
    case .opaque(let layer): layer
    }
  }
}
