import RecurModel

/// All kinds of layers; a new kind needs a line.
extension Layer {
  /// What the writer of Core ML knows of the layer.
  var coreML: any CoreMLLayer {
    switch self {
    case .recurrent(let layer): layer
    case .bidirectional(let layer): layer
    case .timeDistributed(let layer): layer
    case .dense(let layer): layer
    case .embedding(let layer): layer
    case .convolution(let layer): layer
    case .batchNormalization(let layer): layer
    case .layerNormalization(let layer): layer
    case .scaling(let layer): layer
    case .activation(let layer): layer
    case .reshaping(let layer): layer
    case .selection(let layer): layer
    case .merge(let layer): layer
    case .identity(let layer): layer
    case .slicing(let layer): layer
    case .reduction(let layer): layer
    case .binary(let layer): layer
    case .unary(let layer): layer
    case .clamp(let layer): layer
    case .casting(let layer): layer
    case .matrixProduct(let layer): layer
    case .softmax(let layer): layer
    case .input: CoreMLUnwritten()
    case .separableConvolution: CoreMLUnwritten()
    case .transposedConvolution: CoreMLUnwritten()
    case .convolutionalRecurrent: CoreMLUnwritten()
    case .pooling: CoreMLUnwritten()
    case .unitNormalization: CoreMLUnwritten()
    case .groupNormalization: CoreMLUnwritten()
    case .standardization: CoreMLUnwritten()
    case .parametricReLU: CoreMLUnwritten()
    case .attention: CoreMLUnwritten()
    case .masking: CoreMLUnwritten()
    case .notEqual: CoreMLUnwritten()
    case .anyTrue: CoreMLUnwritten()
    case .lengthMask: CoreMLUnwritten()
    case .conditional: CoreMLUnwritten()
    case .einsum: CoreMLUnwritten()
    case .multiHeadAttention: CoreMLUnwritten()
    case .bucketing: CoreMLUnwritten()
    case .categoryEncoding: CoreMLUnwritten()
    case .argReduction: CoreMLUnwritten()
    case .cumulation: CoreMLUnwritten()
    case .sorting: CoreMLUnwritten()
    case .gathering: CoreMLUnwritten()
    case .oneHot: CoreMLUnwritten()
    case .repetition: CoreMLUnwritten()
    case .bordering: CoreMLUnwritten()
    case .triangle: CoreMLUnwritten()
    case .lookup: CoreMLUnwritten()
    case .rootMeanSquareNormalization: CoreMLUnwritten()
    case .interpolation: CoreMLUnwritten()
    case .opaque: CoreMLUnwritten()
    }
  }
}
