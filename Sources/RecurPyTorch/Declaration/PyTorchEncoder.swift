import RecurContainers
import RecurModel
import RecurTensors

/// Layers of nn.TransformerEncoder, each made of attention and two linear maps
/// (torch/nn/modules/transformer.py, 2.13).
struct PyTorchEncoder {
  /// One nn.TransformerEncoderLayer.
  struct Part {
    /// The prefix of its tensors.
    var key: String
    /// The ending of the names of its nodes.
    var name: String
    var attention: MultiHeadAttention
    var linear: [Dense]
    var norms: [LayerNormalization]
  }

  var layers: [Part]
  /// The normalization behind the last layer.
  var norm: LayerNormalization?
  var activation: Activation
  /// Whether each part is given normalized values, rather than its sum being normalized.
  var isNormFirst: Bool
  var isBatchFirst: Bool
  /// The value that is true where a timestep does not count.
  var paddingMask: String?

  static let classes = [
    PyTorchClass(
      "nn.TransformerEncoderLayer", parameters: ["self_attn.in_proj_weight"], outline: outline,
      read: { reader, model, _ throws(CheckpointError) in
        try reader.encoder(isStack: false, &model).map { .encoder($0) }
      }),
    PyTorchClass(
      "nn.TransformerEncoder", parameters: ["layers.0.self_attn.in_proj_weight"],
      outline: outline,
      read: { reader, model, _ throws(CheckpointError) in
        try reader.encoder(isStack: true, &model).map { .encoder($0) }
      }),
  ]

  private static let outline: @Sendable (PyTorchDeclaration.DeclaredModule) -> PyTorchOutline = {
    layer in
    PyTorchOutline(
      rank: 3, batchAxis: layer.options["batch_first"]?.bool == true ? 0 : 1,
      takes: layer.size("d_model"), gives: layer.size("d_model"))
  }
}

extension PyTorchModuleReader {
  /// The options and weights of an encoder.
  mutating func encoder(
    isStack: Bool, _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> PyTorchEncoder? {
    options.ignore("dropout", "enable_nested_tensor", "mask_check")
    let word = options.word("activation", ["relu", "gelu"])
    let epsilon = options.number("layer_norm_eps", 1e-5)
    let isNormFirst = options.bool("norm_first") ?? false
    let isBatchFirst = options.bool("batch_first") ?? false
    let isCausal = options.bool("is_causal") ?? false
    let mask = options.value("src_key_padding_mask")?.string
    guard let heads = options.size("nhead"), heads > 0 else {
      model.report(.pytorchDeclarationInvalid, "\(options.layer.type) '\(name)' needs 'nhead'")
      return nil
    }
    var prefixes = [""]
    if isStack {
      prefixes = []
      while model.has(key("layers.\(prefixes.count).linear1.weight")), prefixes.count < 1024 {
        prefixes.append("layers.\(prefixes.count)")
      }
      if prefixes.isEmpty { prefixes = ["layers.0"] }
    }
    var layers: [PyTorchEncoder.Part] = []
    for prefix in prefixes {
      let key = options.layer.key ?? ""
      let own = prefix.isEmpty ? key : StateDictKeys.joined(key, prefix)
      guard
        var attention = try multiHead(
          StateDictKeys.joined(own, "self_attn"), heads: heads, &model),
        let one = linear(StateDictKeys.joined(own, "linear1"), &model),
        let other = linear(StateDictKeys.joined(own, "linear2"), &model),
        let first = layerNorm(StateDictKeys.joined(own, "norm1"), epsilon, &model),
        let second = layerNorm(StateDictKeys.joined(own, "norm2"), epsilon, &model)
      else { return nil }
      attention.isCausal = isCausal
      layers.append(
        PyTorchEncoder.Part(
          key: own, name: prefix, attention: attention, linear: [one, other],
          norms: [first, second]))
    }
    let kernel = layers[0].linear[0].kernel
    check("d_model", kernel.shape[1], kernel)
    check("dim_feedforward", kernel.shape[0], kernel)
    check("bias", layers[0].linear[0].bias != nil, kernel, default: true)
    if isStack { check("num_layers", layers.count, kernel) }
    let hasNorm = isStack && model.has(key("norm.weight"))
    setInput([nil, nil, kernel.shape[1]])
    return PyTorchEncoder(
      layers: layers, norm: hasNorm ? layerNorm(key("norm"), epsilon, &model) : nil,
      activation: word == "relu" ? .relu : .gelu(isApproximate: false), isNormFirst: isNormFirst,
      isBatchFirst: isBatchFirst, paddingMask: mask)
  }

  private func linear(_ prefix: String, _ model: inout PyTorchModelReader) -> Dense? {
    guard let kernel = model.required("\(prefix).weight") else { return nil }
    guard kernel.rank == 2 else {
      model.report(
        .tensorShapeMismatch, "'\(prefix).weight' is no matrix", at: kernel.location,
        expected: "2 axes", found: tuple(kernel.shape))
      return nil
    }
    return Dense(kernel: kernel, bias: model.optional("\(prefix).bias"), activation: .linear)
  }

  private func layerNorm(
    _ prefix: String, _ epsilon: Double, _ model: inout PyTorchModelReader
  ) -> LayerNormalization? {
    guard let gamma = model.required("\(prefix).weight") else { return nil }
    guard gamma.rank == 1 else {
      model.report(
        .tensorShapeMismatch, "'\(prefix).weight' has several axes", at: gamma.location,
        expected: "1 axis", found: tuple(gamma.shape))
      return nil
    }
    return LayerNormalization(
      gamma: gamma, beta: model.optional("\(prefix).bias"), width: gamma.shape[0],
      epsilon: epsilon)
  }
}

extension PyTorchModelReader {
  /// Adds the nodes of an encoder.
  mutating func apply(
    _ encoder: PyTorchEncoder, _ declared: PyTorchDeclaration.DeclaredModule, named name: String,
    to flow: PyTorchFlow
  ) -> PyTorchFlow? {
    let axes: PyTorchFlow.Axes = encoder.isBatchFirst ? .asStored : .timeFirst
    var x = canonical(flow, as: axes)
    for layer in encoder.layers {
      let own = layer.name.isEmpty ? name : "\(name).\(layer.name)"
      func weighted(_ kind: Layer, _ part: String, _ x: Model.Value) -> Model.Value {
        add(
          Model.Node(
            name: "\(own).\(part)", layerName: "\(own).\(part)", layer: kind, inputs: [x],
            precision: layer.attention.query.kernel.elementType, location: place,
            place: StateDictPlace(key: StateDictKeys.joined(layer.key, part))))
      }
      func attended(_ x: Model.Value) -> Model.Value? {
        attention(
          layer.attention, query: x, key: x, value: x, mask: encoder.paddingMask,
          key: StateDictKeys.joined(layer.key, "self_attn"), named: "\(own).self_attn")
      }
      func fed(_ x: Model.Value) -> Model.Value {
        let wide = weighted(.dense(layer.linear[0]), "linear1", x)
        let active = add("\(own).activation", .activation(encoder.activation), [wide])
        return weighted(.dense(layer.linear[1]), "linear2", active)
      }
      func normed(_ index: Int, _ x: Model.Value) -> Model.Value {
        weighted(.layerNormalization(layer.norms[index]), "norm\(index + 1)", x)
      }
      if encoder.isNormFirst {
        guard let y = attended(normed(0, x)) else { return nil }
        x = add("\(own).sum", .merge(.add), [x, y])
        x = add("\(own).sum", .merge(.add), [x, fed(normed(1, x))])
      } else {
        guard let y = attended(x) else { return nil }
        x = normed(0, add("\(own).sum", .merge(.add), [x, y]))
        x = normed(1, add("\(own).sum", .merge(.add), [x, fed(x)]))
      }
    }
    if let norm = encoder.norm {
      x = add(
        Model.Node(
          name: "\(name).norm", layerName: "\(name).norm", layer: .layerNormalization(norm),
          inputs: [x], precision: norm.gamma?.elementType ?? .float32, location: place,
          place: StateDictPlace(key: StateDictKeys.joined(declared.key ?? "", "norm"))))
    }
    return PyTorchFlow(value: x, axes: axes)
  }
}
