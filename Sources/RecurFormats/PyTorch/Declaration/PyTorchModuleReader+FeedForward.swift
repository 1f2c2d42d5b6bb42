import RecurContainers
import RecurModel
import RecurTensors

// torch/nn/modules/linear.py, sparse.py, normalization.py, batchnorm.py, conv.py (2.13).
extension PyTorchModuleReader {
  mutating func linear(_ model: inout PyTorchModelReader) -> Module? {
    let activation = activationWord()
    guard let kernel = matrix("weight", 2, &model) else { return nil }
    check("in_features", kernel.shape[1], kernel)
    check("out_features", kernel.shape[0], kernel)
    check("bias", model.has(key("bias")), kernel, default: true)
    setInput([nil, kernel.shape[1]])
    return .lastAxis(
      .dense(
        Dense(kernel: kernel, bias: model.optional(key("bias")), activation: activation)))
  }

  mutating func embedding(_ model: inout PyTorchModelReader) -> Module? {
    options.ignore("padding_idx", "norm_type", "scale_grad_by_freq", "sparse", "_freeze")
    if options.value("max_norm") != nil {
      options.refuse("max_norm", "it changes the table while it is read")
    }
    guard let table = matrix("weight", 2, &model) else { return nil }
    check("num_embeddings", table.shape[0], table)
    check("embedding_dim", table.shape[1], table)
    setInput([nil, nil])
    return .elementwise(.embedding(Embedding(table: table, masksZero: false, cutsFractions: false)))
  }

  mutating func layerNorm(_ model: inout PyTorchModelReader) -> Module? {
    let epsilon = options.number("eps", 1e-5)
    let shape = options.value("normalized_shape")
    let isAffine = options.bool("elementwise_affine") ?? true
    let hasBias = options.bool("bias") ?? true
    let gamma = isAffine ? model.required(key("weight")) : nil
    let beta = isAffine && hasBias ? model.required(key("bias")) : nil
    if !isAffine || !hasBias {
      for parameter in [isAffine ? nil : "weight", "bias"].compactMap({ $0 })
      where model.has(key(parameter)) {
        if let tensor = model.optional(key(parameter)) {
          options.disagrees(
            isAffine ? "bias" : "elementwise_affine", declared: "false", implied: "true",
            isDefault: false, tensor: tensor.location)
        }
      }
    }
    if let shape, shape.integer == nil, shape.array?.count != 1 {
      options.refuse("normalized_shape", "only the last axis is")
      return nil
    }
    guard let width = options.size("normalized_shape") ?? gamma?.shape.first else {
      if isAffine == false {
        model.report(
          .pytorchDeclarationInvalid, "\(options.layer.type) '\(name)' needs 'normalized_shape'")
      }
      return nil
    }
    if let gamma {
      guard gamma.rank == 1 else {
        options.refuse("normalized_shape", "the weights are \(tuple(gamma.shape)), not one axis")
        return nil
      }
      check("normalized_shape", gamma.shape[0], gamma)
    }
    setInput([nil, width])
    return .lastAxis(
      .layerNormalization(
        LayerNormalization(gamma: gamma, beta: beta, width: width, epsilon: epsilon)))
  }

  mutating func batchNorm(_ model: inout PyTorchModelReader) -> Module? {
    options.ignore("momentum")
    let epsilon = options.number("eps", 1e-5)
    if options.bool("track_running_stats") == false {
      options.refuse("track_running_stats", "moments of the batch itself are used then")
      return nil
    }
    guard let mean = matrix("running_mean", 1, &model),
      let variance = matrix("running_var", 1, &model)
    else { return nil }
    check("num_features", mean.shape[0], mean)
    check("affine", model.has(key("weight")), mean, default: true)
    setInput([nil, mean.shape[0]])
    return .batchNormalization(
      BatchNormalization(
        gamma: model.optional(key("weight")), beta: model.optional(key("bias")),
        movingMean: mean, movingVariance: variance, epsilon: epsilon,
        batchesTracked: model.bookkeeping(key("num_batches_tracked"))))
  }

  mutating func convolution(_ model: inout PyTorchModelReader) -> Module? {
    let activation = activationWord()
    if [.softmax, .logSoftmax, .glu].contains(activation) {
      options.refuse("activation", "which axis it works along is not said; declare the module")
    }
    let (stride, dilation, groups) = (
      options.size("stride") ?? 1, options.size("dilation") ?? 1, options.size("groups") ?? 1
    )
    guard let kernel = matrix("weight", 3, &model) else { return nil }
    guard stride > 0, dilation > 0, groups > 0, kernel.shape[0] % groups == 0 else {
      model.report(
        .pytorchDeclarationInvalid,
        "\(options.layer.type) '\(name)' can't have stride \(stride), dilation \(dilation) and "
          + "\(groups) groups", at: kernel.location)
      return nil
    }
    check("in_channels", kernel.shape[1] * groups, kernel)
    check("out_channels", kernel.shape[0], kernel)
    check("kernel_size", kernel.shape[2], kernel)
    check("bias", model.has(key("bias")), kernel, default: true)
    var (padding, pad) = (Padding.valid, 0)
    if let word = options.value("padding")?.string {
      if word == "same", stride == 1 {
        padding = .same
      } else if word != "valid" {
        options.refuse("padding", "only \"valid\", \"same\" with stride 1, and numbers are")
      }
    } else {
      pad = options.size("padding") ?? 0
    }
    if pad < 0 || pad > 1 << 20 { options.refuse("padding", "it is out of range") }
    let mode = options.word("padding_mode", ["zeros", "reflect", "replicate", "circular"])
    if mode != "zeros", pad > 0 || padding == .same {
      options.refuse("padding_mode", "only \"zeros\" is")
    }
    setInput([nil, kernel.shape[1] * groups, nil])
    return .convolution(
      Convolution(
        kernel: kernel, bias: model.optional(key("bias")), activation: activation, stride: stride,
        dilation: dilation, groups: groups, padding: padding), pad: max(pad, 0))
  }

  /// A tensor of so many axes, none of them empty.
  private mutating func matrix(
    _ parameter: String, _ rank: Int, _ model: inout PyTorchModelReader
  ) -> Tensor? {
    guard let tensor = model.required(key(parameter)) else { return nil }
    guard tensor.rank == rank, !tensor.shape.contains(0) else {
      model.report(
        .tensorShapeMismatch, "'\(key(parameter))' has shape \(tuple(tensor.shape))",
        at: tensor.location, expected: "\(rank) axes", found: tuple(tensor.shape))
      return nil
    }
    return tensor
  }

  /// The function a module's results go through: an extension of torch's words, for short chains.
  private mutating func activationWord() -> Activation {
    guard let value = options.value("activation") else { return .linear }
    if let word = value.string, let activation = PyTorchActivationWords.functions[word] {
      return activation
    }
    let words = PyTorchActivationWords.functions.keys.sorted()
    options.refuse("activation", "known functions are " + words.joined(separator: ", "))
    return .linear
  }
}
