import RecurModel
import RecurTensors

extension PyTorchModule {
  /// The Python variable of an output.
  func variable(_ value: Model.Value) -> String {
    if let expression = stackVariable(value) { return expression }
    let name = variables[value.node]
    guard value.output > 0, let node = model.node(value.node) else { return name }
    let names = node.layer.pytorch.furtherOutputs
    return "\(name)__\(value.output <= names.count ? names[value.output - 1] : "\(value.output)")"
  }

  /// The value in the type that the layer of `node` takes, cast if it was computed in another type.
  func cast(_ value: Model.Value, to node: Model.Node) -> String {
    let name = variable(value)
    let type = types[value]
    let own = PyTorchType(floating: node.precision)
    let isComputed =
      switch node.layer.pytorch.operands {
      case .asGiven: false
      case .floatingPoint: true
      // If all inputs are tokens or masks, none is cast.
      case .floatingPointIfAny, .numbers: node.inputs.contains { types[$0].isFloatingPoint }
      }
    // The sum of two Booleans is a Boolean in torch.
    if node.layer.pytorch.operands == .numbers, type == .boolean, !isComputed {
      return "\(name).long()"
    }
    // Keras rounds the input of a 16-bit layer. The layer itself is computed in float32 here.
    if node.precision.isHalfWidthFloat, type.isFloatingPoint || isComputed {
      return "\(name).to(torch.\(node.precision)).to(torch.float32)"
    }
    return isComputed && type != own ? "\(name).to(\(own.rawValue))" : name
  }

  /// The mask as Booleans.
  func mask(_ value: Model.Value) -> String {
    types[value] == .boolean ? variable(value) : "(\(variable(value)) != 0)"
  }

  /// Statements that round the outputs of a 16-bit layer, as Keras does.
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

/// The types in which a layer takes its inputs.
enum PyTorchOperands {
  /// As they are, for tokens, masks, and values that are only handed on.
  case asGiven
  /// As floating-point numbers of the layer's own precision.
  case floatingPoint
  /// As floating-point numbers if any input is one; else as they are.
  case floatingPointIfAny
  /// As floating-point numbers if any input is one; else as integers.
  case numbers
}
