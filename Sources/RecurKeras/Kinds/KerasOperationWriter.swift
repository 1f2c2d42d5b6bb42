import RecurContainers
import RecurModel

/// Several operations that together are one node of the model.
struct KerasOperationWriter {
  /// The node, for messages.
  let node: Model.Node
  /// The names that are taken.
  private(set) var names: KerasLayerNames
  /// The operations in order.
  private(set) var layers: [KerasPlacedLayer] = []

  init(_ node: Model.Node, _ names: KerasLayerNames) {
    self.node = node
    self.names = names
  }

  /// Adds one call of an operation that is no node of the model by itself.
  ///
  /// - Parameters:
  ///   - className: its class.
  ///   - part: what stands behind the node's name; nil for the operation that has this name itself.
  ///   - inputs: what it is called with.
  ///   - shape: the shape of what it puts out.
  ///   - dtype: its type.
  ///   - options: its options.
  ///   - operand: its plain argument.
  /// - Returns: what it puts out.
  mutating func add(
    _ className: String, _ part: String?, _ inputs: [KerasTensorForm], _ shape: [Int?],
    _ dtype: String, _ options: [(name: String, value: JSONValue)] = [], operand: JSONValue? = nil
  ) -> KerasTensorForm {
    let base = names[node.layerName]
    let name = part.map { names.unique("\(base)_\($0)") } ?? base
    let form = KerasLayerForm(
      className: className, name: name, options: options, isOperation: true)
    layers.append(
      KerasPlacedLayer(form: form, calls: [KerasCallForm(inputs: inputs, operand: operand)]))
    return KerasTensorForm(layer: name, call: 0, output: 0, shape: shape, dtype: dtype)
  }
}
