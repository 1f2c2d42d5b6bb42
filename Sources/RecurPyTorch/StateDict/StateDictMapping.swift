package import RecurFormats
package import RecurModel
package import RecurTensors

/// The way from a model's weights to a state dict and back.
///
/// A key is the name of the layer and the name of the parameter in its torch module:
/// `lstm.weight_ih_l0`, `dense.weight`, `embedding.weight`. The room of each kind of layer says
/// which keys it has.
package struct StateDictMapping: Sendable {
  private let model: Model
  private let names: PyTorchNames
  private let stackNames: [Name: String]
  private let keepsPlaces: Bool
  /// The layers that are one module in generated code.
  let stacks: PyTorchStacks

  /// Plans the state dict of `model`.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - keepsPlaces: whether layers that were read from a state dict keep their keys; generated
  ///     code needs keys of its own.
  package init(_ model: Model, keepsPlaces: Bool = false) {
    self.model = model
    self.keepsPlaces = keepsPlaces
    let stacks = PyTorchStacks(model)
    self.stacks = stacks
    stackNames = Dictionary(
      model.nodes.compactMap { node in
        stacks[node.name].map { (Name(node.layerName), $0.stack.name) }
      }, uniquingKeysWith: { one, _ in one })
    names = PyTorchNames(model.nodes.map { stacks[$0.name]?.stack.name ?? $0.layerName })
  }

  /// Where the keys of a node's layer are.
  private func keys(of node: Model.Node) -> StateDictKeys {
    if keepsPlaces, node.isOfTorch { return StateDictKeys(place: node.place) }
    var keys = StateDictKeys(prefix: prefix(of: node.layerName))
    if let (stack, layer) = stacks[node.name] {
      keys.suffix = RecurrentParameter.suffix(layer: stack.isCell ? nil : layer)
    }
    return keys
  }

  /// The prefix of the keys of a node's layer, and the ending of its recurrent keys.
  func key(of node: Model.Node) -> (prefix: String, suffix: String) {
    let keys = keys(of: node)
    return (keys.prefix, keys.suffix)
  }

  /// The Python name of a layer, which is the prefix of its keys.
  package func prefix(of layerName: String) -> String {
    names[stackNames[Name(layerName)] ?? layerName]
  }

  /// The state dict, and what was done to every tensor.
  ///
  /// Weights are moved bit for bit.
  ///
  /// - Throws: `tensor.shape-mismatch` when the tensors of one layer differ in type.
  package func encode() throws(CheckpointError) -> (tensors: TensorTable, [TensorMapping]) {
    var writer = StateDictWriter()
    for node in model.weightedNodes {
      _ = try writer.visit(node.layer, keys(of: node))
    }
    return (writer.tensors, writer.mappings)
  }

  /// The model with `tensors` in place of its own weights.
  ///
  /// - Throws: everything that does not fit, in one error: `tensor.missing`,
  ///   `tensor.shape-mismatch`.
  /// - Returns: the model, and a warning for every tensor that no layer uses.
  package func decode(
    _ tensors: TensorTable
  ) throws(CheckpointError) -> (model: Model, diagnostics: [Diagnostic]) {
    var reader = StateDictReader(tensors)
    var copy = model
    for index in copy.nodes.indices where copy.nodes[index].layer.parameterCount > 0 {
      let node = copy.nodes[index]
      copy.nodes[index].layer = try reader.visit(node.layer, keys(of: node))
    }
    if let error = CheckpointError(findings: reader.findings) { throw error }
    return (try copy.validated(), reader.findings + reader.unused())
  }
}
