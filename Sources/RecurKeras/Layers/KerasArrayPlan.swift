import RecurContainers
import RecurTensors

/// The arrays a layer keeps in a file, in Keras' order: known from its class and options alone.
///
/// Trainable arrays come first within every layer, so one list serves the legacy order (all
/// trainable arrays of a model, then the others) and the native one (layer by layer).
struct KerasArrayPlan {
  struct Array {
    let name: String
    let isTrainable: Bool
  }

  let arrays: [Array]
  /// How many arrays there are when every gate has its own: Keras 1 with `consume_less` cpu or mem.
  let perGateCount: Int

  /// The plan of a layer, or nil for an unknown class.
  init?(_ config: KerasArchitecture.LayerConfig) {
    let isFrozen = config.options["trainable"]?.bool == false
    guard let plan = Self.names(config) else { return nil }
    arrays = plan.names.map { name in
      Array(name: name, isTrainable: !isFrozen && !Self.statistics.contains(name))
    }
    perGateCount = plan.perGate
  }

  /// Arrays that training does not change by gradients.
  private static let statistics: Set<String> = [
    "moving_mean", "moving_variance", "mean", "variance", "count",
  ]

  private static func names(
    _ config: KerasArchitecture.LayerConfig
  ) -> (names: [String], perGate: Int)? {
    let options = config.options
    func has(_ option: String, _ standard: Bool = true) -> Bool {
      options[option]?.bool ?? standard
    }
    func plain(_ names: [String]) -> (names: [String], perGate: Int) { (names, names.count) }
    let bias = has("use_bias") ? ["bias"] : []
    switch config.className {
    case "LSTM", "LSTMCell":
      return (["kernel", "recurrent_kernel"] + bias, options["consume_less"] == "gpu" ? 3 : 12)
    case "GRU", "GRUCell":
      return (["kernel", "recurrent_kernel"] + bias, options["consume_less"] == "gpu" ? 3 : 9)
    case "SimpleRNN", "SimpleRNNCell": return plain(["kernel", "recurrent_kernel"] + bias)
    case "CuDNNLSTM", "CuDNNGRU": return plain(["kernel", "recurrent_kernel", "bias"])
    case "Bidirectional":
      guard let forward = config.inner("layer") else { return nil }
      return joined([forward, config.inner("backward_layer") ?? forward])
    case "RNN", "TimeDistributed":
      return config.inner(config.className == "RNN" ? "cell" : "layer").flatMap(names)
    case "StackedRNNCells": return joined(config.innerList("cells"))
    case "Dense", "Conv1D": return plain(["kernel"] + bias)
    case "Embedding": return plain(["embeddings"])
    case "BatchNormalization":
      return plain(
        (has("scale") ? ["gamma"] : []) + (has("center") ? ["beta"] : [])
          + ["moving_mean", "moving_variance"])
    case "LayerNormalization":
      return plain((has("scale") ? ["gamma"] : []) + (has("center") ? ["beta"] : []))
    case "PReLU": return plain(["alpha"])
    case "Attention":
      return plain(
        (has("use_scale", false) ? ["scale"] : [])
          + (options["score_mode"] == "concat" ? ["concat_score_weight"] : []))
    case "AdditiveAttention": return plain(has("use_scale") ? ["scale"] : [])
    case "Normalization":
      return plain(options["mean"]?.isNull ?? true ? ["mean", "variance", "count"] : [])
    default: return KerasLayerReader.classes.contains(config.className) ? plain([]) : nil
    }
  }

  private static func joined(
    _ configs: [KerasArchitecture.LayerConfig]
  ) -> (names: [String], perGate: Int)? {
    var result: (names: [String], perGate: Int) = ([], 0)
    for config in configs {
      guard let part = names(config) else { return nil }
      result.names += part.names
      result.perGate += part.perGate
    }
    return result
  }
}
