import RecurModel

/// All kinds of layers; a new kind needs a line in each list.
extension Layer {
  /// What Keras knows of the layer.
  var keras: any KerasLayer {
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

  private static let kerasKinds: [any KerasLayer.Type] = [
    Input.self,
    Recurrent.self,
    Bidirectional.self,
    TimeDistributed.self,
    Dense.self,
    Embedding.self,
    Convolution.self,
    SeparableConvolution.self,
    TransposedConvolution.self,
    ConvolutionalRecurrent.self,
    Pooling.self,
    BatchNormalization.self,
    LayerNormalization.self,
    UnitNormalization.self,
    GroupNormalization.self,
    Standardization.self,
    Scaling.self,
    Activation.self,
    ParametricReLU.self,
    Reshaping.self,
    Selection.self,
    Merge.self,
    Attention.self,
    Masking.self,
    Identity.self,
    NotEqual.self,
    AnyTrue.self,
    LengthMask.self,
    Slicing.self,
    Reduction.self,
    Binary.self,
    Unary.self,
    Where.self,
    Clamp.self,
    Casting.self,
    MatrixProduct.self,
    Softmax.self,
    Einsum.self,
    MultiHeadAttention.self,
    Bucketing.self,
    CategoryEncoding.self,
    ArgReduction.self,
    Cumulation.self,
    Sorting.self,
    Gathering.self,
    OneHot.self,
    Repetition.self,
    Bordering.self,
    Triangle.self,
    Lookup.self,
    RootMeanSquareNormalization.self,
    Interpolation.self,
    OpaqueLayer.self,
  ]

  /// Every class that Keras has for layers, by name.
  static let kerasClasses = Dictionary(
    kerasKinds.flatMap { $0.classes }.filter { !$0.isOperation }.map { ($0.name, $0) },
    uniquingKeysWith: { one, _ in one })

  /// Every operation that is read, by the name of its class.
  static let kerasOperations = Dictionary(
    kerasKinds.flatMap { $0.classes }.filter(\.isOperation).map { ($0.name, $0) },
    uniquingKeysWith: { one, _ in one })

  /// The same classes by their names in Keras 1.
  static let kerasClassesOfGeneration1 = Dictionary(
    kerasClasses.values.flatMap { known in
      let names = known.generation1.names
      return (names.isEmpty ? [known.name] : names).map { ($0, known) }
    }, uniquingKeysWith: { one, _ in one })

  /// Groups of operations that are one layer together.
  static let kerasPatterns = kerasKinds.compactMap { ($0 as? any KerasPatterned.Type)?.pattern }
}
