import RecurModel
import RecurTensors

extension RecurrentState.LayerState {
  /// The errors of a kept state that does not fit a call of `node` with `batch` sequences.
  func findings(_ node: Model.Node, batch: Int) -> [Diagnostic] {
    let (names, sizes) = (node.layer.innermost.stateNames, node.layer.innermost.stateSizes)
    guard values.count == sizes.count else {
      return [
        Diagnostic(
          .stateShape, .error,
          "'\(node.layerName)' has \(sizes.count) states and was given \(values.count)",
          at: node.location, expected: names.joined(separator: ", "),
          found: "\(values.count) arrays")
      ]
    }
    var findings: [Diagnostic] = []
    for (index, rows) in values.enumerated() {
      let width = rows.first { $0.count != sizes[index] }?.count ?? sizes[index]
      let demand = StateDemand(
        name: "\(node.layerName).\(names[index])", layer: node.layerName, units: sizes[index],
        batch: batch, origin: .kept)
      findings += [demand.problem(with: [rows.count, width], at: node.location)].compactMap { $0 }
    }
    // The caller may have resized the states without the output, which only this package can set.
    if findings.isEmpty, let output, output.count != batch {
      findings.append(
        Diagnostic(
          .stateBatch, .error, "the kept output of '\(node.layerName)' is for another batch",
          at: node.location, expected: "\(batch)", found: "\(output.count)"))
    }
    return findings
  }
}
