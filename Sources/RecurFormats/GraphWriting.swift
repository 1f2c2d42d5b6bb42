package import RecurModel
package import RecurTensors

// What writers of graphs ask of a model.
extension Model {
  /// Refuses weights without an architecture, because `graph`, such as "a graph of ONNX", has one.
  ///
  /// - Throws: `model.unrepresentable`.
  package func demandConnected(for graph: String) throws(CheckpointError) {
    guard !isConnected else { return }
    throw CheckpointError(
      .modelUnrepresentable,
      "the file has weights and no architecture, and \(graph) says how layers follow each other",
      at: nodes.first?.location ?? .init()
    ).advising("give the model they belong to with \(.architecture)")
  }

  /// Calls `write` for every node.
  ///
  /// - Throws: all problems of all nodes.
  package func writeNodes(
    _ write: (Node) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    var problems: [Diagnostic] = []
    for node in nodes {
      do throws(CheckpointError) {
        try write(node)
      } catch {
        problems += error.diagnostics
      }
    }
    if let error = CheckpointError(findings: problems) { throw error }
  }

  /// The name of an output: that of its node, or `lstm.h_n` for a final state.
  package func outputName(_ output: Value, separator: String) -> String {
    guard output.output > 0, let layer = node(output.node)?.layer else { return output.node }
    let states = layer.ports.states
    let index = output.output - (layer.outputCount - states.count)
    return states.indices.contains(index) && !layer.ports.makesMask
      ? "\(output.node)\(separator)\(states[index].name)_n"
      : "\(output.node)\(separator)\(output.output)"
  }
}
