import RecurModel

/// All kinds of layers; a new kind needs a line.
extension Layer {
  /// What the writer of ONNX knows of the layer.
  var onnx: any ONNXLayer {
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
