import RecurContainers
import RecurModel
import RecurTensors

// Layers with weights that modules of torch.nn have too.
extension Dense {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    var options: PyTorchDeclarationWriter.Options = [
      ("in_features", .integer(inputSize)), ("out_features", .integer(outputSize)),
    ]
    if bias == nil { options.append(("bias", false)) }
    let y = writer.module(
      "nn.Linear", key: call.key, [call.x], named: call.node.name, options)
    return [try writer.activation(activation, y, named: "\(call.node.name).activation")]
  }
}

extension Embedding {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let name = call.node.name
    var x = call.x
    if cutsFractions, writer.kind(of: call.node.inputs[0]) == .floatingPoint {
      x = writer.add("Tensor.long", x, named: "\(name).tokens")
    }
    let y = writer.module(
      "nn.Embedding", key: call.key, [x], named: name,
      [
        ("num_embeddings", .integer(vocabularySize)), ("embedding_dim", .integer(outputSize)),
      ])
    guard masksZero, writer.isUsed(Model.Value(name, 1)) else { return [y] }
    return [y, writer.add("torch.ne", x, named: "\(name).mask", [("other", 0)])]
  }
}

extension BatchNormalization {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    guard 2...5 ~= call.rank else {
      throw PyTorchFunctionProblem("its input has \(call.rank) axes")
    }
    let name = call.node.name
    var options: PyTorchDeclarationWriter.Options = [
      ("num_features", .integer(movingMean.count)), ("eps", .number(epsilon)),
    ]
    if gamma == nil, beta == nil { options.append(("affine", false)) }
    return [
      writer.channelsSecond(call.x, rank: call.rank, named: name) { writer, x in
        writer.module(
          "nn.BatchNorm\(max(call.rank - 2, 1))d", key: call.key, [x], named: name, options)
      }
    ]
  }
}

extension LayerNormalization {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let name = call.node.name
    var options: PyTorchDeclarationWriter.Options = [
      ("normalized_shape", .integer(width)), ("eps", .number(epsilon)),
    ]
    // A state dict gets the other parameter where torch's module did not name its own.
    let isNamed = call.node.place != nil
    guard gamma != nil || beta != nil && !isNamed else {
      let plain = writer.add(
        "F.layer_norm", call.x, named: name,
        [("normalized_shape", .array([.integer(width)])), ("eps", .number(epsilon))])
      guard beta != nil else { return [plain] }
      let bias: JSONValue = ["key": .string(StateDictKeys.joined(call.key, "bias"))]
      return [writer.add("torch.add", [.string(plain), bias], named: "\(name)_bias")]
    }
    if beta == nil, isNamed { options.append(("bias", false)) }
    return [writer.module("nn.LayerNorm", key: call.key, [call.x], named: name, options)]
  }
}

extension GroupNormalization {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let name = call.node.name
    let isAffine = gamma != nil || beta != nil
    let options: PyTorchDeclarationWriter.Options = [
      ("num_groups", .integer(groups)), ("num_channels", .integer(width)),
      ("eps", .number(epsilon)),
    ]
    return [
      writer.channelsSecond(call.x, rank: call.rank, named: name) { writer, x in
        isAffine
          ? writer.module("nn.GroupNorm", key: call.key, [x], named: name, options)
          : writer.add("nn.GroupNorm", x, named: name, options + [("affine", false)])
      }
    ]
  }
}

extension UnitNormalization {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [
      writer.add(
        "F.normalize", call.x, named: call.node.name,
        [("dim", .array(axes.map { .integer($0) })), ("eps", .number(epsilon))])
    ]
  }
}

extension Attention {
  /// Products of queries and keys without weights and masks.
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    guard case .product(scale: nil) = score, !hasQueryMask, !hasValueMask else {
      throw PyTorchFunctionProblem("it has weights of its own, or masks")
    }
    let key = hasKey ? call.inputs[2] : call.inputs[1]
    return [
      writer.add(
        "F.scaled_dot_product_attention", [call.x, key, call.inputs[1]].map { .string($0) },
        named: call.node.name, [("is_causal", .bool(isCausal)), ("scale", 1.0)])
    ]
  }
}

extension TimeDistributed {
  /// A layer of every position is the same with and without timesteps.
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    guard case .kept = inner.definition.traits.leadingAxes else {
      throw PyTorchFunctionProblem("its layer depends on the place of the batch")
    }
    return try inner.pytorch.declare(call, &writer)
  }
}
