import RecurTensors

/// Recurrent layers put out their final states only where something reads them.
enum UnusedStates {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    let count = node.layer.stateSizes.count
    guard node.layer.recurrents.first?.returnsState ?? false, count > 0 else {
      return graph.keep(node)
    }
    let outputs = node.layer.outputCount
    let isUsed = (outputs - count..<outputs).contains { graph.isUsed(Model.Value(node.name, $0)) }
    guard !isUsed else { return graph.keep(node) }
    var copy = node
    copy.layer = node.layer.mappingRecurrents { (recurrent) throws(Never) in
      var own = recurrent
      own.returnsState = false
      return own
    }
    graph.change(copy)
  }
}
