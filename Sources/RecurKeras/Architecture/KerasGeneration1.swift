import RecurContainers

/// The words of Keras 1, said in those of Keras 2 (keras 2.0.9, keras/legacy/interfaces.py).
enum KerasGeneration1 {
  /// The class and options of one layer, renamed; what they mean is not touched.
  static func renamed(
    _ className: String, _ options: JSONObject
  ) -> (className: String, options: JSONObject) {
    var result = JSONObject()
    let names = common.merging(byClass[className] ?? [:]) { $1 }
    for member in options.members {
      let name = names[member.name] ?? member.name
      // An old and a new name of one option can't both be there; the first would win silently.
      if !result.append(name, member.value) { _ = result.append(member.name, member.value) }
    }
    return (classes[className] ?? className, result)
  }

  private static let classes = [
    "Convolution1D": "Conv1D", "AtrousConvolution1D": "Conv1D",
  ]

  private static let common = [
    "bias": "use_bias", "inner_activation": "recurrent_activation", "border_mode": "padding",
    "dropout_W": "dropout", "dropout_U": "recurrent_dropout",
  ]

  private static let recurrent = ["output_dim": "units"]
  private static let convolution = [
    "nb_filter": "filters", "filter_length": "kernel_size", "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
  ]
  private static let pooling = ["pool_length": "pool_size", "stride": "strides"]

  private static let byClass: [String: [String: String]] = [
    "LSTM": recurrent, "GRU": recurrent, "SimpleRNN": recurrent, "Dense": recurrent,
    "Convolution1D": convolution, "AtrousConvolution1D": convolution,
    "MaxPooling1D": pooling, "AveragePooling1D": pooling,
    "Dropout": ["p": "rate"], "SpatialDropout1D": ["p": "rate"], "GaussianDropout": ["p": "rate"],
    "GaussianNoise": ["sigma": "stddev"], "UpSampling1D": ["length": "size"],
  ]
}
