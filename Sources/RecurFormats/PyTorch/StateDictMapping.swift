package import RecurModel
package import RecurTensors

/// The correspondence between a model's weights and a state dict, in both directions.
///
/// Keys are the layer's name and the parameter names of the torch module of its kind: `lstm.
/// weight_ih_l0`, `dense.weight`, `embedding.weight`. Which keys a layer has is said once, in
/// ``StateDictVisitor``.
package struct StateDictMapping: Sendable {
  private let model: Model
  private let names: PyTorchNames

  /// Plans the state dict of `model`.
  package init(_ model: Model) {
    self.model = model
    names = PyTorchNames(model.nodes.map(\.layerName))
  }

  /// The Python name of a layer: the prefix of its keys.
  package func prefix(of layerName: String) -> String { names[layerName] }

  /// The state dict, and what became of every tensor.
  ///
  /// Weights are moved bit for bit.
  ///
  /// - Throws: `tensor.shape-mismatch` when the tensors of one layer differ in type.
  package func encode() throws(CheckpointError) -> (tensors: TensorTable, [TensorMapping]) {
    var writer = StateDictWriter()
    for node in model.weightedNodes {
      _ = try writer.visit(node.layer, names[node.layerName])
    }
    return (writer.tensors, writer.mappings)
  }

  /// The model with the weights of `tensors` in place of its own.
  ///
  /// - Throws: everything that does not fit, in one error: `tensor.missing`, `tensor.shape-mismatch`.
  /// - Returns: the model, and a warning for every tensor that no layer uses.
  package func decode(
    _ tensors: TensorTable
  ) throws(CheckpointError) -> (model: Model, diagnostics: [Diagnostic]) {
    var reader = StateDictReader(tensors)
    var copy = model
    for index in copy.nodes.indices where copy.nodes[index].layer.parameterCount > 0 {
      let node = copy.nodes[index]
      copy.nodes[index].layer = try reader.visit(node.layer, names[node.layerName])
    }
    if let error = CheckpointError(findings: reader.findings) { throw error }
    return (try copy.validated(), reader.findings + reader.unused())
  }
}
