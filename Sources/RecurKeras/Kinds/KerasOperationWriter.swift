import RecurContainers
import RecurModel

/// Writes one node of the model as several operations.
struct KerasOperationWriter {
  /// The node, for messages.
  let node: Model.Node
  /// The names that are already used.
  private(set) var names: KerasLayerNames
  /// The operations in order.
  private(set) var layers: [KerasPlacedLayer] = []

  init(_ node: Model.Node, _ names: KerasLayerNames) {
    self.node = node
    self.names = names
  }

  /// Adds one call of an operation that is not a node of the model.
  ///
  /// - Parameters:
  ///   - className: its class.
  ///   - part: the text behind the node's name; nil for the operation with the name of the node
  ///     itself.
  ///   - inputs: the inputs of the call.
  ///   - shape: the shape of the output.
  ///   - dtype: the type of the output.
  ///   - options: its options.
  ///   - operand: the plain argument of the call.
  ///   - arguments: all arguments of the call; nil for the inputs and the plain argument.
  /// - Returns: the output.
  mutating func add(
    _ className: String, _ part: String?, _ inputs: [KerasTensorForm], _ shape: [Int?],
    _ dtype: String, _ options: [(name: String, value: JSONValue)] = [], operand: JSONValue? = nil,
    arguments: [KerasArgumentForm]? = nil
  ) -> KerasTensorForm {
    let base = names[node.layerName]
    let name = part.map { names.unique("\(base)_\($0)") } ?? base
    let form = KerasLayerForm(
      className: className, name: name, options: options, isOperation: true)
    var call = KerasCallForm(inputs: inputs, operand: operand)
    call.arguments = arguments
    layers.append(KerasPlacedLayer(form: form, calls: [call]))
    return KerasTensorForm(layer: name, call: 0, output: 0, shape: shape, dtype: dtype)
  }
}
