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
  /// Whether a recurrent layer is a class of the generated code, not one of torch.nn.
  var isWrittenOut: Bool
  /// Where a stateful layer keeps its state between calls.
  var keptState: String

  /// The first input.
  var x: String { inputs.first ?? "" }
  /// The number of axes of the first input.
  var rank: Int { ranks.first ?? 0 }

  /// The statement that assigns an expression.
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

/// Text from a file inside a docstring: it can neither end the docstring nor escape from it.
func docstringText(_ text: String) -> String {
  escaped(text).replacing("\\", with: "/").replacing("\"", with: "'")
}
