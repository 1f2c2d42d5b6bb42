import RecurContainers
import RecurModel
import RecurTensors

extension MultiHeadAttention: KerasLayer, KerasCallReading, KerasMaskListing {
  static let classes = [
    KerasClass(manyHeads, standsInside: false, arrays: arrays, groups: groups, read: read),
    KerasClass(sharedHeads, standsInside: false, arrays: arrays, groups: groups, read: readShared),
  ]

  private static let manyHeads = "MultiHeadAttention"
  private static let sharedHeads = "GroupQueryAttention"
  /// The names of the projections in paths; those of tf.keras have an underscore in front.
  private static let parts = ["query", "key", "value", "attention_output"]
  private static let partGroups = ["query_dense", "key_dense", "value_dense", "output_dense"]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    let hasBias = options.bool("use_bias", default: true)
    return KerasArrayPlan(
      parts.flatMap { ["\($0)/kernel"] + (hasBias ? ["\($0)/bias"] : []) })
  }

  private static func groups(_ config: KerasClass.LayerConfig) -> [String]? {
    // tf.keras writes the shapes of the inputs into the config.
    let isTF = config.options["query_shape"] != nil
    let isShared = config.className == sharedHeads
    return partGroups.map { isTF || isShared ? "/_\($0)" : "/\($0)" }
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let heads = reader.options.size("num_heads")
    let width = reader.options.size("key_dim")
    let own = reader.options.value("value_dim").flatMap { $0.isNull ? nil : $0 }
    reader.options.only("attention_axes", nil, [1], 1)
    reader.options.only("use_gate", nil, false)
    reader.options.only("sliding_window", nil)
    let output = reader.options.value("output_shape") ?? .null
    guard output.isNull || output.integer != nil || output.array?.count == 1 else {
      reader.options.refuse("output_shape", because: "one axis is supported")
      return nil
    }
    guard let heads, let width else { return nil }
    return attention(heads, heads, width, own?.integer ?? width, &reader)
  }

  private static func readShared(_ reader: inout KerasLayerReader) -> Layer? {
    let width = reader.options.size("head_dim")
    let heads = reader.options.size("num_query_heads")
    let shared = reader.options.size("num_key_value_heads")
    reader.options.only("use_gate", nil, false)
    reader.options.only("sliding_window", nil)
    guard let width, let heads, let shared else { return nil }
    guard heads % shared == 0 else {
      return reader.fail("'\(reader.config.name)' shares \(shared) heads among \(heads)")
    }
    return attention(heads, shared, width, width, &reader)
  }

  private static func attention(
    _ heads: Int, _ keyHeads: Int, _ width: Int, _ valueWidth: Int,
    _ reader: inout KerasLayerReader
  ) -> Layer? {
    reader.options.ignore(
      "dropout", "query_shape", "key_shape", "value_shape", "softmax_robust_masking",
      "flash_attention")
    let hasBias = reader.plan().has("query/bias")
    func projection(
      _ name: String, _ kernel: [Int?], _ bias: [Int?], _ reader: inout KerasLayerReader
    ) -> Projection? {
      guard let weights = reader.take("\(name)/kernel", kernel) else { return nil }
      let shift = hasBias ? reader.take("\(name)/bias", bias) : nil
      return shift == nil && hasBias ? nil : Projection(kernel: weights, bias: shift)
    }
    guard
      let query = projection("query", [nil, heads, width], [heads, width], &reader),
      let key = projection("key", [nil, keyHeads, width], [keyHeads, width], &reader),
      let value = projection(
        "value", [nil, keyHeads, valueWidth], [keyHeads, valueWidth], &reader),
      let output = projection("attention_output", [heads, valueWidth, nil], [nil], &reader)
    else { return nil }
    return .multiHeadAttention(
      MultiHeadAttention(
        query: query, key: key, value: value, output: output, isCausal: false,
        hasKey: reader.inputShapes.count > 2))
  }

  /// Masks and causality belong to the call.
  func read(_ call: inout KerasNodeReader) {
    var copy = self
    let masks = (0..<3).map { call.masks.indices.contains($0) ? call.masks[$0] : nil }
    copy.isCausal = call.call.isCausal
    copy.masks.query = masks[0] != nil
    copy.masks.value = masks[1] != nil
    copy.masks.key = hasKey && masks[2] != nil
    call.node.inputs += (copy.masks.key ? masks : Array(masks.prefix(2))).compactMap { $0 }
    call.node.mask = nil
    call.node.layer = .multiHeadAttention(copy)
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let isShared = keyHeads != heads
    guard !isShared || writer.target.isKeras3 else {
      writer.fail("'\(writer.node.layerName)' shares heads, for which Keras 2 has no layer")
      return nil
    }
    let width = value.kernel.shape[2]
    var form = KerasLayerForm(
      className: isShared ? Self.sharedHeads : Self.manyHeads, name: name,
      options: isShared
        ? [
          ("head_dim", .integer(headWidth)), ("num_query_heads", .integer(heads)),
          ("num_key_value_heads", .integer(keyHeads)), ("dropout", 0.0),
          ("use_bias", .bool(query.bias != nil)),
        ]
        : [
          ("num_heads", .integer(heads)), ("key_dim", .integer(headWidth)),
          ("value_dim", .integer(width)), ("dropout", 0.0), ("use_bias", .bool(query.bias != nil)),
          ("output_shape", .array([.integer(output.kernel.shape[2])])), ("attention_axes", [1]),
        ])
    if !writer.target.isKeras3 { form.options += shapes(writer) }
    let groups = isShared ? Self.partGroups.map { "_\($0)" } : Self.partGroups
    for (index, projection) in [query, key, value, output].enumerated() {
      var part = KerasLayerForm(
        className: "EinsumDense", name: Self.parts[index],
        arrays: [writer.array("kernel", projection.kernel)])
      if let bias = projection.bias { part.arrays.append(writer.array("bias", bias)) }
      form.children.append(
        .init(option: Self.parts[index], group: groups[index], form: part, isInConfig: false))
    }
    let biases = [query, key, value, output].count { $0.bias != nil }
    guard biases == 0 || biases == 4 else {
      writer.fail("'\(writer.node.layerName)' has a bias in \(biases) of its four projections")
      return nil
    }
    guard hasKey || !masks.key || !masks.value else {
      writer.fail("'\(writer.node.layerName)' has two masks for one value, which is its key too")
      return nil
    }
    form.isCausal = isCausal
    form.maskNames = ["query_mask", "value_mask", "key_mask"]
    return form
  }

  /// The shapes of the inputs, which Keras 2 builds the layer for
  /// (tf_keras/src/layers/attention/multi_head_attention.py, `from_config`).
  private func shapes(_ writer: KerasLayerWriter) -> [(name: String, value: JSONValue)] {
    let places = [("query", query, 0), ("key", key, hasKey ? 2 : 1), ("value", value, 1)]
    return places.map { name, projection, index in
      let given = writer.inputShapes.indices.contains(index) ? writer.inputShapes[index] : []
      let steps = given.count == 3 ? given[1].value : nil
      let width = JSONValue.integer(projection.kernel.shape[0])
      return ("\(name)_shape", [nil, steps.map { .integer($0) } ?? .null, width])
    }
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: .needed, outcome: .passed)
  }

  /// Takes the masks off the end of the inputs.
  func takeMasks(_ inputs: inout [Model.Value]) -> [Model.Value?] {
    let key = masks.key ? inputs.popLast() : nil
    let value = masks.value ? inputs.popLast() : nil
    let query = masks.query ? inputs.popLast() : nil
    // Without a key of its own the value is the key, and so is its mask.
    return hasKey ? [query, value, key] : [query, value ?? key]
  }
}
