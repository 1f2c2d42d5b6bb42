import RecurContainers
import RecurKeras
import RecurTensors

extension CheckpointBundle {
  /// The objects of the program with the numbers of their variables, and the class and the options of
  /// layers by the positions of their objects.
  ///
  /// - Throws: `tensorflow.graph.invalid` for a variable whose tensor is not there.
  func objects(
    of graph: TrackableGraph, configs: [Int: JSONValue] = [:], version: KerasVersion? = nil
  ) throws(CheckpointError) -> KerasObjects {
    var objects: [KerasObjects.Object] = []
    for (index, node) in graph.nodes.enumerated() {
      var variable: KerasArray?
      if let name = node.tensor {
        guard let tensor = table[name] else {
          guard table.unreadable(name) != nil else {
            throw CheckpointError(
              .tensorFlowGraphInvalid,
              "the numbers of object \(index) are to be in '\(name)', which is not there",
              at: .init(object: TrackableGraph.tensorName))
          }
          objects.append(.init(children: [], config: configs[index]))
          continue
        }
        variable = KerasArray(name: name, tensor: tensor)
      }
      objects.append(
        .init(
          // What the root does not reach may keep anything.
          children: node.children.filter { graph.nodes.indices.contains($0.node) }
            .map { (name: $0.name, object: $0.node) },
          variable: variable, fullName: node.fullName, config: configs[index]))
    }
    return KerasObjects(objects, version: version)
  }
}
