import RecurContainers
import RecurStateDicts
import RecurTensors

extension PyTorchModuleRecord {
  /// The class of torch.nn as it is declared, `nn.LSTM`; nil for a class of somebody's own.
  var declaredType: String? {
    // TorchScript mangles names: __torch__.torch.nn.modules.rnn.___torch_mangle_0.LSTM.
    let parts = className.split(separator: ".")
    guard parts.contains("nn"), parts.contains("torch"), let last = parts.last else { return nil }
    return "nn.\(last)"
  }

  /// What the module says of itself in the words of its constructor; defaults are left out.
  var declaredOptions: [(name: String, value: JSONValue)] {
    var found: [(name: String, value: JSONValue)] = []
    for option in options {
      if option.name == "mode", option.value.string == "RNN_RELU" {
        found.append(("nonlinearity", "relu"))
      } else if let words = Self.words[option.name], option.value != words {
        found.append(option)
      }
    }
    return found
  }

  /// Options that shapes do not tell and that change numbers, with torch's defaults.
  private static let words: [String: JSONValue] = [
    "batch_first": false, "nonlinearity": "tanh", "eps": 1e-5, "stride": [1], "padding": [0],
    "dilation": [1], "groups": 1, "padding_mode": "zeros", "max_norm": nil,
    "negative_slope": 0.01, "alpha": 1.0, "beta": 1.0, "threshold": 20.0, "value": 0,
    "lambd": 0.5, "min_val": -1.0, "max_val": 1.0, "approximate": "none", "dim": nil,
    "start_dim": 1, "end_dim": -1, "track_running_stats": true, "normalized_shape": nil,
    "elementwise_affine": true,
  ]

  /// Tells a module that was recognized by its shapes what it says of itself.
  ///
  /// - Returns: false when it is of another class, so that the shapes misled.
  func complete(_ layer: inout PyTorchDeclaration.Layer, _ doubts: inout [String]) -> Bool {
    guard let type = declaredType else {
      doubts.append("'\(key)' of class '\(className)' is taken for \(layer.typeName)")
      return true
    }
    guard type == layer.typeName || PyTorchModuleReader.classes.contains(type) else { return false }
    if type != layer.typeName {
      // A table was taken for a Linear without a bias.
      let sizes = ["num_embeddings": "out_features", "embedding_dim": "in_features"]
      var options = JSONObject()
      for (name, other) in sizes.sorted(by: { $0.key > $1.key }) where type == "nn.Embedding" {
        if let size = layer.options[other] { _ = options.append(name, size) }
      }
      layer.type = type
      layer.options = options
    }
    // The shapes of TorchScript's modules are known, their options mostly not.
    if !isScript {
      doubts = []
      if layer.recurrentKind != nil, !layer.isCell,
        let isFirst = options.first(where: { $0.name == "batch_first" })
      {
        _ = layer.options.append("batch_first", isFirst.value)
      }
    }
    // TorchScript keeps the mode of an RNN, which has this in it.
    if layer.recurrentKind == .rnn, !isScript || options.contains(where: { $0.name == "mode" }) {
      _ = layer.options.append(
        "nonlinearity", declaredOptions.first { $0.name == "nonlinearity" }?.value ?? "tanh")
    }
    for option in declaredOptions { _ = layer.options.append(option.name, option.value) }
    return true
  }

  /// The declaration of a module without tensors: an activation, a Dropout.
  var declaration: PyTorchDeclaration.Layer? {
    guard let type = declaredType, PyTorchModuleReader.classes.contains(type) else { return nil }
    var object = JSONObject()
    for option in declaredOptions { _ = object.append(option.name, option.value) }
    return PyTorchDeclaration.Layer(type: type, key: nil, options: object, location: .init())
  }
}

extension StateDict {
  /// Who wrote it, for reports.
  var producer: String { "PyTorch" }
}
