import RecurInference
import RecurModel
import RecurTensors

extension HTMLReport.Section {
  /// The layers in their order, as boxes, and as a table with shapes.
  static func architecture(_ model: Model, inputs: [Tensor]?) -> Self {
    let shapes = ModelShapes(
      model, inputShapes: (inputs ?? []).map { $0.shape.map(Dimension.fixed) })
    func shape(_ node: Model.Node) -> String { shapes[node.name].map(text).joined(separator: " ") }
    let boxes = model.nodes.map { node -> String in
      let isOpaque = if case .opaque = node.layer { true } else { false }
      return "<li\(isOpaque ? " class=\"opaque\"" : "")>\(markup(node.layer.title))"
        + "<span>\(markup(node.name))</span><span>\(markup(shape(node)))</span></li>"
    }
    var table = HTMLTable(
      ["node", "layer", "reads", "output shapes", "parameters", "states"], numeric: [4])
    for node in model.nodes {
      table.add([
        node.name, node.layer.title,
        node.operands.map { $0.node + ($0.output > 0 ? ".\($0.output)" : "") }
          .joined(separator: ", "), shape(node), "\(node.layer.parameterCount)",
        node.layer.ports.states.map { "\($0.name) [batch, \($0.size)]" }.joined(separator: ", "),
      ])
    }
    return Self(
      title: "Architecture",
      content: "<ol class=\"flow\">\(boxes.joined())</ol>"
        + "<details><summary>layers, shapes and states</summary>\(table.html)</details>")
  }

  /// How the weights of every gate are spread.
  static func weights(_ model: Model) -> Self? {
    var figures: [String] = []
    var table = HTMLTable(
      ["layer", "gate", "weights", "count", "mean", "deviation", "least", "most"],
      numeric: [3, 4, 5, 6, 7])
    for node in model.weightedNodes {
      for (half, recurrent) in node.layer.recurrents.enumerated() {
        let layer = "'\(node.layerName)'" + (half == 1 ? ", backward" : "")
        for part in recurrent.cell.cells.flatMap(\.gateWeights) {
          let end = part.gates.flatMap(\.values).reduce(0) {
            $1.isFinite ? max($0, $1.magnitude) : $0
          }
          for (gate, values) in part.gates {
            if figures.count < 96 {
              let title = "\(part.role), \(gate) gate of \(layer)"
              figures.append(
                "<figure><figcaption>\(markup(title))</figcaption>"
                  + Histogram(values, end: end).svg(title) + "</figure>")
            }
            let mean = values.reduce(0, +) / Double(max(values.count, 1))
            let variance =
              values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(values.count, 1))
            table.add([
              layer, gate, part.role, "\(values.count)", short(mean, digits: 4),
              short(variance.squareRoot(), digits: 4), short(values.min() ?? 0, digits: 4),
              short(values.max() ?? 0, digits: 4),
            ])
          }
        }
      }
    }
    guard !figures.isEmpty else { return nil }
    return Self(
      title: "Weights by gate",
      content:
        "<p>All gates of one matrix have the same ends. A forget bias that was trained from 1 lies to "
        + "the right of the others.</p><div class=\"small\">\(figures.joined())</div>"
        + "<details><summary>the numbers</summary>\(table.html)</details>")
  }

  /// Where everything is from.
  static func provenance(_ rows: [(name: String, value: String)]) -> Self {
    var table = HTMLTable(["what", "value"])
    for row in rows { table.add([row.name, row.value]) }
    return Self(title: "Provenance", content: table.html)
  }
}

extension RecurrentCell {
  /// The numbers of every gate, matrix by matrix.
  fileprivate var gateWeights: [(role: String, gates: [(gate: String, values: [Double])])] {
    if case .lstm(let lstm) = self { return lstm.weights.byGate }
    if case .gru(let gru) = self { return gru.weights.byGate }
    if case .simpleRNN(let rnn) = self { return rnn.weights.byGate }
    return []
  }
}

extension RecurrentWeights {
  fileprivate var byGate: [(role: String, gates: [(gate: String, values: [Double])])] {
    func numbers(_ gates: GateMap<Gate, Tensor>) -> [(gate: String, values: [Double])] {
      Gate.allCases.map { ("\($0)", gates[$0].doubles()) }
    }
    let biases: [(role: String, gates: [(gate: String, values: [Double])])] =
      switch bias {
      case .none: []
      case .single(let one): [("bias", numbers(one))]
      case .split(let input, let recurrent):
        [("input bias", numbers(input)), ("recurrent bias", numbers(recurrent))]
      }
    return [("kernel", numbers(kernel)), ("recurrent kernel", numbers(recurrentKernel))] + biases
  }
}
