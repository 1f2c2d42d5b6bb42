/// The parameters of the classes of Keras, in the order in which they are given by place, with the
/// defaults that its configs spell out (keras/src/layers, 3.15; tf_keras/src/layers, 2.21).
///
/// Defaults that depend on the version are left to the format, which knows the version of the weights.
enum KerasSourceSignatures {
  /// A class: its name in configs, its parameters, and its defaults as texts.
  struct Signature {
    let name: String
    let parameters: [String]
    let defaults: [(name: String, value: String)]
  }

  /// The signature of a class; for one that is not in the table, parameters have to be named.
  static func signature(_ name: String) -> Signature {
    byName[name] ?? Signature(name: name, parameters: [], defaults: [])
  }

  /// Whether a class is one of Keras' layers.
  static func isKnown(_ name: String) -> Bool { byName[name] != nil }

  /// Options that several layers have and that programs give by their names.
  static let named: Set<String> = [
    "return_sequences", "return_state", "go_backwards", "stateful", "reset_after", "mask_zero",
    "epsilon", "axis", "merge_mode",
  ]

  private static let byName: [String: Signature] = {
    var result: [String: Signature] = [:]
    for line in table {
      let open = line.firstIndex(of: "(") ?? line.endIndex
      let words = line[open...].dropFirst().dropLast().split(separator: " ")
      let names = line[..<open].split(separator: "|").map(String.init)
      var parameters: [String] = []
      var defaults: [(name: String, value: String)] = []
      for word in words {
        let halves = word.split(separator: "=", maxSplits: 1).map(String.init)
        parameters.append(halves[0])
        if halves.count > 1 { defaults.append((halves[0], halves[1])) }
      }
      for name in names {
        result[name] = Signature(name: names[0], parameters: parameters, defaults: defaults)
      }
    }
    return result
  }()

  /// `Class|Alias(parameter parameter=default …)`.
  private static let table = [
    "InputLayer(input_shape batch_size dtype)",
    "Dense(units activation=linear use_bias)",
    "EinsumDense(equation output_shape activation=linear bias_axes)",
    "Activation(activation)",
    "Embedding(input_dim output_dim)",
    "LSTM(units activation=tanh recurrent_activation use_bias)",
    "GRU(units activation=tanh recurrent_activation use_bias)",
    "SimpleRNN(units activation=tanh use_bias)",
    "CuDNNLSTM(units)", "CuDNNGRU(units)",
    "LSTMCell(units activation=tanh recurrent_activation use_bias)",
    "GRUCell(units activation=tanh recurrent_activation use_bias)",
    "SimpleRNNCell(units activation=tanh use_bias)",
    "StackedRNNCells(cells)",
    "RNN(cell return_sequences return_state go_backwards stateful unroll)",
    "Bidirectional(layer merge_mode weights backward_layer)",
    "TimeDistributed(layer)",
    "ConvLSTM1D(\(convolutional))", "ConvLSTM2D(\(convolutional))", "ConvLSTM3D(\(convolutional))",
    "Conv1D|Convolution1D(\(convolution))",
    "Conv2D|Convolution2D(\(convolution))",
    "Conv3D|Convolution3D(\(convolution))",
    "SeparableConv1D|SeparableConvolution1D(filters kernel_size strides padding data_format dilation_rate depth_multiplier activation=linear use_bias)",
    "SeparableConv2D|SeparableConvolution2D(filters kernel_size strides padding data_format dilation_rate depth_multiplier activation=linear use_bias)",
    "DepthwiseConv1D(kernel_size strides padding depth_multiplier data_format dilation_rate activation=linear use_bias)",
    "DepthwiseConv2D(kernel_size strides padding depth_multiplier data_format dilation_rate activation=linear use_bias)",
    "Conv1DTranspose(filters kernel_size strides padding output_padding data_format dilation_rate activation=linear use_bias)",
    "Conv2DTranspose|Convolution2DTranspose(filters kernel_size strides padding output_padding data_format dilation_rate activation=linear use_bias)",
    "MaxPooling1D|MaxPool1D(\(pooling))", "MaxPooling2D|MaxPool2D(\(pooling))",
    "MaxPooling3D|MaxPool3D(\(pooling))",
    "AveragePooling1D|AvgPool1D(\(pooling))", "AveragePooling2D|AvgPool2D(\(pooling))",
    "AveragePooling3D|AvgPool3D(\(pooling))",
    "GlobalMaxPooling1D|GlobalMaxPool1D(data_format keepdims)",
    "GlobalMaxPooling2D|GlobalMaxPool2D(data_format keepdims)",
    "GlobalAveragePooling1D|GlobalAvgPool1D(data_format keepdims)",
    "GlobalAveragePooling2D|GlobalAvgPool2D(data_format keepdims)",
    "Flatten(data_format)", "Reshape(target_shape)", "Permute(dims)", "RepeatVector(n)",
    "Masking(mask_value)",
    "Dropout(rate)", "SpatialDropout1D(rate)", "SpatialDropout2D(rate)", "AlphaDropout(rate)",
    "GaussianDropout(rate)", "GaussianNoise(stddev)", "ActivityRegularization(l1 l2)",
    "BatchNormalization(axis momentum epsilon center scale)",
    "LayerNormalization(axis epsilon center scale)",
    "GroupNormalization(groups axis epsilon center scale)", "UnitNormalization(axis)",
    "LeakyReLU(alpha)", "PReLU()", "ELU(alpha)", "ThresholdedReLU(theta)", "Softmax(axis)",
    "ReLU(max_value negative_slope threshold)",
    "Concatenate(axis)", "Add()", "Subtract()", "Multiply()", "Average()", "Maximum()", "Minimum()",
    "Dot(axes normalize)",
    "Attention(use_scale)", "AdditiveAttention(use_scale)",
    "MultiHeadAttention(num_heads key_dim value_dim dropout use_bias)",
    "ZeroPadding1D(padding)", "ZeroPadding2D(padding)", "ZeroPadding3D(padding)",
    "Cropping1D(cropping)", "Cropping2D(cropping)", "Cropping3D(cropping)",
    "UpSampling1D(size)", "UpSampling2D(size)", "UpSampling3D(size)",
    "Rescaling(scale offset)", "Normalization(axis mean variance)", "Identity()",
    "Lambda(function output_shape mask arguments)",
  ]

  private static let convolution =
    "filters kernel_size strides padding data_format dilation_rate groups activation=linear use_bias"
  private static let convolutional =
    "filters kernel_size strides padding data_format dilation_rate activation=tanh recurrent_activation use_bias"
  private static let pooling = "pool_size strides padding data_format"
}
