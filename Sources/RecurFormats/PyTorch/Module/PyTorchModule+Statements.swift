import RecurModel
import RecurTensors

/// One application of a layer in the generated code.
struct PyTorchCall {
  var node: Model.Node
  /// The variable that is assigned.
  var y: String
  /// An expression for every input.
  var inputs: [String]
  /// The number of axes of every input, the batch included.
  var ranks: [Int]
  /// Which timesteps count.
  var mask: String?
  /// The states before the first timestep.
  var states: [String]
  /// The submodule, if there is one.
  var module: String

  /// The first input.
  var x: String { inputs.first ?? "" }
  /// The number of axes of the first input.
  var rank: Int { ranks.first ?? 0 }
}

extension PyTorchModule {
  /// The statements that compute the outputs of a node.
  func statements(_ node: Model.Node) -> [String] {
    if case .input(let input) = node.layer {
      let y = variables[node.name]
      let type = PyTorchType(input.elementType)
      let zeros = optionalInput(node, input)
      switch type {
      case .float32, .float64: return zeros + ["\(y) = \(y).to(\(type.rawValue))"]
      case .boolean: return zeros + ["\(y) = \(y) != 0"]
      case .integer: return zeros
      }
    }
    if let (stack, layer) = stacks[node.name] { return layer == 0 ? statements(stack) : [] }
    let call = PyTorchCall(
      node: node, y: variables[node.name], inputs: node.inputs.map { cast($0, to: node) },
      ranks: node.inputs.map { shapes[$0]?.count ?? 0 }, mask: node.mask.map(mask),
      states: node.initialState.map { cast($0, to: node) },
      module: "self.\(mapping.prefix(of: node.layerName))")
    return statements(node.layer, call)
  }

  private func statements(_ layer: Layer, _ call: PyTorchCall) -> [String] {
    switch layer {
    case .recurrent(let recurrent): statements(recurrent, call)
    case .bidirectional(let pair): statements(pair, call)
    case .timeDistributed(let layer): timeDistributed(layer, call)
    case .embedding(let embedding):
      (embedding.masksZero ? ["\(call.y)__mask = \(call.x) != 0"] : [])
        + ["\(call.y) = \(call.module)(\(call.x).long())"]
    case .masking(let value):
      [
        "\(call.y)__mask = (\(call.x) != \(pythonNumber(value))).any(-1)",
        "\(call.y) = \(call.x) * \(call.y)__mask.unsqueeze(-1)",
      ]
    case .attention(let attention): ["\(call.y) = \(expression(attention, call))"]
    case .opaque(let opaque):
      [
        "raise NotImplementedError("
          + pythonString("layer of unknown class: \(opaque.className)") + ")"
      ]
    case .input, .dense, .convolution, .pooling, .batchNormalization, .layerNormalization,
      .standardization, .scaling, .activation, .parametricReLU, .reshaping, .selection, .merge,
      .identity, .notEqual, .anyTrue, .lengthMask:
      ["\(call.y) = \(expression(layer, call))"]
    }
  }

  /// A function of one timestep, and its application to all of them.
  private func timeDistributed(_ layer: Layer, _ call: PyTorchCall) -> [String] {
    var inner = call
    inner.y = "y"
    inner.inputs = ["x"]
    inner.ranks = call.ranks.map { $0 - 1 }
    inner.mask = nil
    let step = "\(call.y)__step"
    return ["def \(step)(x):"] + statements(layer, inner).map { "    \($0)" } + [
      "    return y", "\(call.y) = _each_timestep(\(step), \(call.x))",
    ]
  }

  /// The value of a layer that needs one expression only.
  private func expression(_ layer: Layer, _ call: PyTorchCall) -> String {
    let x = call.x
    switch layer {
    case .dense(let dense):
      return PyTorchActivations.call(dense.activation, "\(call.module)(\(x))")
    case .convolution(let layer):
      let amount = amount(x, layer.padding, span: layer.span, stride: layer.stride)
      let padded = amount.map { "F.pad(\(x), \($0))" } ?? x
      let y = "\(call.module)(\(padded).transpose(1, 2)).transpose(1, 2)"
      return PyTorchActivations.call(layer.activation, y)
    case .pooling(let pooling): return expression(pooling, call)
    case .batchNormalization:
      return call.rank == 2
        ? "\(call.module)(\(x))"
        : "\(call.module)(\(x).flatten(0, -2)).unflatten(0, \(x).shape[:-1])"
    case .layerNormalization(let layer):
      return layer.gamma == nil && layer.beta == nil
        ? "F.layer_norm(\(x), (\(layer.width),), eps=\(pythonNumber(layer.epsilon)))"
        : "\(call.module)(\(x))"
    case .standardization, .parametricReLU: return "\(call.module)(\(x))"
    case .scaling(let scaling):
      return "\(x) * \(constant(scaling.scale, x)) + \(constant(scaling.offset, x))"
    case .activation(let activation): return PyTorchActivations.call(activation, x)
    case .reshaping(let reshaping): return expression(reshaping, call)
    case .selection(let selection): return expression(selection, call)
    case .lengthMask:
      return "torch.arange(\(x).shape[1], device=\(x).device) < \(call.inputs[1]).unsqueeze(1)"
    case .merge(let merge): return expression(merge, call)
    case .notEqual(let value): return "\(x) != \(pythonNumber(value))"
    case .anyTrue(let axis, let keepsAxis):
      return "(\(x) != 0).any(\(axis), keepdim=\(keepsAxis ? "True" : "False"))"
    case .input, .recurrent, .bidirectional, .timeDistributed, .embedding, .attention, .masking,
      .identity, .opaque:
      return x
    }
  }

  /// One number, or one per element of the last axis, of the type of `x`.
  private func constant(_ values: [Double], _ x: String) -> String {
    guard values.count != 1 else { return pythonNumber(values[0]) }
    let list = values.map(pythonNumber).joined(separator: ", ")
    return "\(x).new_tensor([\(list)])"
  }

  // MARK: windows

  /// What `padding` adds to the timesteps of `x`, for F.pad; nil is nothing.
  private func amount(_ x: String, _ padding: Padding, span: Int, stride: Int) -> String? {
    guard span > 1 || stride > 1 else { return nil }
    return switch padding {
    case .valid: nil
    case .causal: span == 1 ? nil : "(0, 0, \(span - 1), 0)"
    case .same:
      stride == 1
        ? "(0, 0, \((span - 1) / 2), \(span - 1 - (span - 1) / 2))"
        : "_same_padding(\(x), \(span), \(stride))"
    }
  }

  private func expression(_ pooling: Pooling, _ call: PyTorchCall) -> String {
    let x = call.x
    guard let (size, stride) = pooling.window else {
      let keeps = pooling.keepsAxis ? "True" : "False"
      switch pooling.operation {
      case .maximum: return "\(x).amax(1, keepdim=\(keeps))"
      case .average:
        return call.mask.map { "_masked_mean(\(x), \($0), \(keeps))" }
          ?? "\(x).mean(1, keepdim=\(keeps))"
      }
    }
    let amount = amount(x, pooling.padding, span: size, stride: stride)
    switch pooling.operation {
    case .average:
      if let amount { return "_average_pool(\(x), \(size), \(stride), \(amount))" }
      return "F.avg_pool1d(\(x).transpose(1, 2), \(size), \(stride)).transpose(1, 2)"
    case .maximum:
      let padded = amount.map { "F.pad(\(x), \($0), value=-math.inf)" } ?? x
      return "F.max_pool1d(\(padded).transpose(1, 2), \(size), \(stride)).transpose(1, 2)"
    }
  }
}
