import RecurModel
import RecurTensors

extension PyTorchModule {
  /// The Python variable that holds an output.
  func variable(_ value: Model.Value) -> String {
    if let expression = stackVariable(value) { return expression }
    let name = variables[value.node]
    guard value.output > 0, let node = model.node(value.node) else { return name }
    switch node.layer {
    case .recurrent(let recurrent):
      return "\(name)__\(recurrent.cell.stateNames[value.output - 1])"
    case .bidirectional(let pair):
      if value.output < pair.outputCount { return "\(name)__backward" }
      return "\(name)__\(pair.stateNames[value.output - pair.outputCount])"
    case .embedding, .masking: return "\(name)__mask"
    case .input, .timeDistributed, .dense, .convolution, .pooling, .batchNormalization,
      .layerNormalization, .standardization, .scaling, .activation, .parametricReLU, .reshaping,
      .selection, .merge, .attention, .identity, .notEqual, .anyTrue, .lengthMask, .opaque:
      return "\(name)__\(value.output)"
    }
  }

  /// The value as the layer of `node` takes it: cast when it was computed in another type.
  func cast(_ value: Model.Value, to node: Model.Node) -> String {
    let name = variable(value)
    let type = types[value]
    let own = PyTorchType(floating: node.precision)
    let isComputed = node.layer.computes && !isWhole(node)
    // Keras rounds what a 16-bit layer is given; the rest of it is computed in float32 here.
    if node.precision.isHalfWidthFloat, type.isFloatingPoint || isComputed {
      return "\(name).to(torch.\(node.precision)).to(torch.float32)"
    }
    return isComputed && type != own ? "\(name).to(\(own.rawValue))" : name
  }

  /// Whether a node computes with tokens or masks only, which are never cast.
  private func isWhole(_ node: Model.Node) -> Bool {
    switch node.layer {
    case .merge, .notEqual: !node.inputs.contains { types[$0].isFloatingPoint }
    default: false
    }
  }

  /// Which timesteps count, as Booleans.
  func mask(_ value: Model.Value) -> String {
    types[value] == .boolean ? variable(value) : "(\(variable(value)) != 0)"
  }

  /// Rounds what a 16-bit layer puts out, as Keras does.
  func rounding(_ node: Model.Node) -> [String] {
    guard node.precision.isHalfWidthFloat, stacks[node.name] == nil else { return [] }
    return (0..<node.layer.outputCount).compactMap { output in
      let value = Model.Value(node.name, output)
      let name = variable(value)
      return types[value].isFloatingPoint
        ? "\(name) = \(name).to(torch.\(node.precision)).to(torch.float32)" : nil
    }
  }
}

extension Bidirectional {
  /// A name for every state, those of `forward` first.
  var stateNames: [String] {
    forward.cell.stateNames + backward.cell.stateNames.map { "\($0)_backward" }
  }
}

extension Layer {
  /// Whether the layer computes with its inputs as floating-point numbers of its own precision.
  ///
  /// The others take what they are given: tokens, masks, values they only hand on.
  fileprivate var computes: Bool {
    switch self {
    case .input, .embedding, .reshaping, .selection, .identity, .anyTrue, .lengthMask, .opaque:
      false
    case .timeDistributed(let every): every.inner.computes
    case .recurrent, .bidirectional, .dense, .convolution, .pooling, .batchNormalization,
      .layerNormalization, .standardization, .scaling, .activation, .parametricReLU, .merge,
      .attention, .masking, .notEqual:
      true
    }
  }
}
