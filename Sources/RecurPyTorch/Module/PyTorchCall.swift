import RecurModel
import RecurTensors

/// One application of a layer in generated code.
struct PyTorchCall {
  var node: Model.Node
  /// The variable for the output.
  var y: String
  /// An expression for every input.
  var inputs: [String]
  /// The rank of every input, the batch included.
  var ranks: [Int]
  /// The mask: which timesteps count.
  var mask: String?
  /// The states before the first timestep.
  var states: [String]
  /// The submodule, if there is one.
  var module: String
  /// Whether a recurrent layer is a class in generated code and not one of torch.nn.
  var isWrittenOut: Bool
  /// The attribute in which a stateful layer keeps its state between calls.
  var keptState: String

  /// The first input.
  var x: String { inputs.first ?? "" }
  /// The rank of the first input.
  var rank: Int { ranks.first ?? 0 }

  /// The statement that assigns an expression to the output.
  func assigning(_ expression: String) -> [String] { ["\(y) = \(expression)"] }
}

extension PyTorchModule {
  /// The statements that compute the outputs of a node.
  func statements(_ node: Model.Node) -> [String] {
    if let (stack, layer) = stacks[node.name] { return layer == 0 ? statements(stack) : [] }
    let prefix = mapping.prefix(of: node.layerName)
    let call = PyTorchCall(
      node: node, y: variables[node.name], inputs: node.inputs.map { cast($0, to: node) },
      ranks: node.inputs.map { shapes[$0]?.count ?? 0 }, mask: node.mask.map(mask),
      states: node.initialState.map { cast($0, to: node) }, module: "self.\(prefix)",
      isWrittenOut: isWrittenOut(node), keptState: "self._state_of_\(prefix)")
    return node.layer.pytorch.statements(call, in: self)
  }
}

/// Text from a file, escaped for a docstring: the text can't end the docstring.
func docstringText(_ text: String) -> String {
  escaped(text).replacing("\\", with: "/").replacing("\"", with: "'")
}
