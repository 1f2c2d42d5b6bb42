import RecurModel
import RecurTensors

extension Model {
  /// The model with names for its recurrent layers that are made of those of the nodes of their cells,
  /// wherever no other node has such a name.
  func namingCells(_ name: (String) -> String) -> Model {
    var taken = Set(nodes.map { Name($0.name) })
    var names: [Name: String] = [:]
    for node in nodes where node.layer.firstCell != nil && node.layerName != node.name {
      let wanted = name(node.layerName)
      guard taken.insert(Name(wanted)).inserted else { continue }
      names[Name(node.name)] = wanted
    }
    func renamed(_ value: Value) -> Value {
      names[Name(value.node)].map { Value($0, value.output) } ?? value
    }
    var copy = self
    copy.nodes = nodes.map { node in
      var own = node
      if let wanted = names[Name(node.name)] { (own.name, own.layerName) = (wanted, wanted) }
      own.inputs = node.inputs.map(renamed)
      own.initialState = node.initialState.map(renamed)
      own.mask = node.mask.map(renamed)
      return own
    }
    copy.outputs = outputs.map(renamed)
    return copy
  }
}
