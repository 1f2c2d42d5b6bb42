import RecurContainers
import RecurModel
import RecurTensors

/// Nodes that are written as several operations.
extension KerasGraphWriter {
  /// Writes a node as several operations.
  ///
  /// - Parameters:
  ///   - node: the node.
  ///   - user: the node that uses it, for messages.
  /// - Returns: whether this is such a node; an error of writing it is reported as a finding.
  /// - Throws: errors of changing tensors.
  mutating func writeOperations(
    _ node: Model.Node, for user: Model.Node
  ) throws(CheckpointError) -> Bool {
    guard let kind = node.layer.keras as? any KerasOperationWriting,
      kind.isWrittenAsOperations(node)
    else { return false }
    do throws(CheckpointError) {
      let values = try kind.operands(
        of: node, maskedBy: node.mask.flatMap { nodes[$0.node] },
        node.inputs.map { shapes[$0] ?? [] })
      guard target.holdsOperations else {
        throw CheckpointError(
          user.unrepresentable(
            "'\(user.layerName)' takes several operations of Keras, which can't be loaded from this "
              + "format", hint: "write .keras, which can hold operations"))
      }
      var operands: [KerasTensorForm] = []
      for value in values {
        guard let operand = try emitted(value, for: node) else { return true }
        operands.append(operand)
      }
      var writer = KerasOperationWriter(node, names)
      tensors[Model.Value(node.name)] = try kind.write(operands, &writer)
      names = writer.names
      form.layers += writer.layers
    } catch {
      findings.append(error.diagnostic)
    }
    return true
  }

  /// One finding for all operations that the target can't store; nil for none.
  var refusal: Diagnostic? {
    guard let first = refused.first else { return nil }
    let title = "'\(first.layerName)' is \(first.layer.title)"
    var finding = first.unrepresentable(
      refused.count == 1
        ? "\(title), an operation, which can't be loaded from this format"
        : "\(refused.count) nodes of the model are operations, which can't be loaded from this format",
      hint: "write .keras, which can hold operations")
    if refused.count > 1 {
      finding.notes = refused.prefix(12).map { "'\($0.layerName)' is \($0.layer.title)" }
      if refused.count > 12 { finding.notes.append("\(refused.count - 12) others") }
    }
    return finding
  }
}
