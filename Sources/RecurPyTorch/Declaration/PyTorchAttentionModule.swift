import RecurContainers
import RecurModel
import RecurTensors

/// nn.MultiheadAttention with its weights, and how it is called.
struct PyTorchAttentionModule {
  var layer: MultiHeadAttention
  var isBatchFirst: Bool
  /// The value that is true where a key does not count.
  var paddingMask: String?
}

// torch/nn/modules/activation.py (2.13), `MultiheadAttention`.
extension PyTorchModuleReader {
  /// The options of a call that the next reading function uses.
  mutating func attention(
    _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> PyTorchAttentionModule? {
    options.ignore("dropout", "need_weights", "average_attn_weights")
    for name in ["add_bias_kv", "add_zero_attn"] where options.bool(name) == true {
      options.refuse(name, "only false is")
    }
    if options.value("attn_mask") != nil {
      options.refuse("attn_mask", "\"is_causal\" and \"key_padding_mask\" are")
    }
    let isCausal = options.bool("is_causal") ?? false
    let isBatchFirst = options.bool("batch_first") ?? false
    let mask = options.value("key_padding_mask")?.string
    guard let heads = options.size("num_heads"), heads > 0 else {
      model.report(
        .pytorchDeclarationInvalid, "\(options.layer.type) '\(name)' needs 'num_heads'")
      return nil
    }
    guard var layer = try multiHead(options.layer.key ?? "", heads: heads, &model) else {
      return nil
    }
    layer.isCausal = isCausal
    if let width = options.size("embed_dim"), width != layer.query.kernel.shape[0] {
      options.disagrees(
        "embed_dim", declared: "\(width)", implied: "\(layer.query.kernel.shape[0])",
        isDefault: false, tensor: layer.query.kernel.location)
    }
    for (name, kernel) in [("kdim", layer.key.kernel), ("vdim", layer.value.kernel)] {
      check(name, kernel.shape[0], kernel)
    }
    check("bias", layer.query.bias != nil, layer.query.kernel, default: true)
    setInput([nil, nil, layer.query.kernel.shape[0]])
    return PyTorchAttentionModule(
      layer: layer, isBatchFirst: isBatchFirst, paddingMask: mask)
  }

  /// The weights of an attention module under `prefix`, head by head.
  mutating func multiHead(
    _ prefix: String, heads: Int, _ model: inout PyTorchModelReader
  ) throws(CheckpointError) -> MultiHeadAttention? {
    func key(_ name: String) -> String { StateDictKeys.joined(prefix, name) }
    var kernels: [Tensor] = []
    if model.has(key("in_proj_weight")) {
      guard let joined = model.required(key("in_proj_weight")), joined.rank == 2,
        joined.shape[0] % 3 == 0
      else { return wrong(key("in_proj_weight"), &model) }
      let width = joined.shape[0] / 3
      kernels = (0..<3).map { joined.slice(axis: 0, $0 * width..<($0 + 1) * width) }
    } else {
      for name in ["q_proj_weight", "k_proj_weight", "v_proj_weight"] {
        guard let kernel = model.required(key(name)) else { return nil }
        guard kernel.rank == 2 else { return wrong(key(name), &model) }
        kernels.append(kernel)
      }
    }
    let bias = model.optional(key("in_proj_bias"))
    guard let output = model.required(key("out_proj.weight")) else { return nil }
    let width = kernels[0].shape[0]
    guard output.rank == 2, output.shape[1] == width, width > 0, width % heads == 0,
      kernels.allSatisfy({ $0.shape[0] == width }), bias.map({ $0.shape == [3 * width] }) ?? true
    else { return wrong(key("out_proj.weight"), &model) }
    let size = width / heads
    var projections: [MultiHeadAttention.Projection] = []
    for (index, kernel) in kernels.enumerated() {
      let turned = try kernel.transposed().reshaped([kernel.shape[1], heads, size])
      let own = try bias?.slice(axis: 0, index * width..<(index + 1) * width)
        .reshaped([heads, size])
      projections.append(
        MultiHeadAttention.Projection(
          kernel: turned.located(at: kernel.location), bias: own))
    }
    let out = MultiHeadAttention.Projection(
      kernel: try output.transposed().reshaped([heads, size, output.shape[0]])
        .located(at: output.location), bias: model.optional(key("out_proj.bias")))
    return MultiHeadAttention(
      query: projections[0], key: projections[1], value: projections[2], output: out,
      isCausal: false, hasKey: false)
  }

  private func wrong(_ key: String, _ model: inout PyTorchModelReader) -> MultiHeadAttention? {
    model.report(
      .tensorShapeMismatch, "'\(key)' does not fit attention of this number of heads",
      expected: "in_proj_weight (3·embed_dim, embed_dim), out_proj.weight (embed_dim, embed_dim)")
    return nil
  }
}

extension PyTorchModelReader {
  /// Adds the node of an attention module, given a query and possibly a key and a value.
  mutating func apply(
    _ module: PyTorchAttentionModule, _ declared: PyTorchDeclaration.DeclaredModule,
    named name: String, to flows: [PyTorchFlow]
  ) -> PyTorchFlow? {
    let axes: PyTorchFlow.Axes = module.isBatchFirst ? .asStored : .timeFirst
    let values = flows.map { canonical($0, as: axes) }
    return attention(
      module.layer, query: values[0], key: values.count > 1 ? values[1] : values[0],
      value: values.count > 2 ? values[2] : values.count > 1 ? values[1] : values[0],
      mask: module.paddingMask, key: declared.key ?? "", named: name
    ).map { PyTorchFlow(value: $0, axes: axes) }
  }

  /// Adds an attention node; nil after an error, which is reported.
  mutating func attention(
    _ layer: MultiHeadAttention, query: Model.Value, key: Model.Value, value: Model.Value,
    mask: String?, key prefix: String, named name: String
  ) -> Model.Value? {
    var layer = layer
    layer.hasKey = key != value
    var inputs = [query, value] + (layer.hasKey ? [key] : [])
    if let mask {
      guard let flow = flow(named: mask) else {
        report(.pytorchDeclarationInvalid, "the mask '\(mask)' is no result of a module")
        return nil
      }
      layer.masks.key = true
      inputs.append(add("\(name).mask", .unary(.not), [seen(flow)]))
    }
    return add(
      Model.Node(
        name: name, layerName: name, layer: .multiHeadAttention(layer), inputs: inputs,
        precision: layer.query.kernel.elementType, location: place,
        place: StateDictPlace(key: prefix)))
  }
}
