import RecurModel
import RecurTensors

extension PyTorchModule {
  /// The Python variable that holds an output.
  func variable(_ value: Model.Value) -> String {
    if let expression = stackVariable(value) { return expression }
    let name = variables[value.node]
    guard value.output > 0, let node = model.node(value.node) else { return name }
    let names = node.layer.pytorch.furtherOutputs
    return "\(name)__\(value.output <= names.count ? names[value.output - 1] : "\(value.output)")"
  }

  /// The value as the layer of `node` takes it: cast when it was computed in another type.
  func cast(_ value: Model.Value, to node: Model.Node) -> String {
    let name = variable(value)
    let type = types[value]
    let own = PyTorchType(floating: node.precision)
    let isComputed =
      switch node.layer.pytorch.operands {
      case .asGiven: false
      case .floatingPoint: true
      // Tokens and masks among themselves are never cast.
      case .floatingPointIfAny: node.inputs.contains { types[$0].isFloatingPoint }
      }
    // Keras rounds what a 16-bit layer is given; the rest of it is computed in float32 here.
    if node.precision.isHalfWidthFloat, type.isFloatingPoint || isComputed {
      return "\(name).to(torch.\(node.precision)).to(torch.float32)"
    }
    return isComputed && type != own ? "\(name).to(\(own.rawValue))" : name
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

/// As what a layer takes the values it is given.
enum PyTorchOperands {
  /// As they are: tokens, masks, values it only hands on.
  case asGiven
  /// As floating-point numbers of its own precision.
  case floatingPoint
  /// As those if any of them is floating-point, else as they are.
  case floatingPointIfAny
}
