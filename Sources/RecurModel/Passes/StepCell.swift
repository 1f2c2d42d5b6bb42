import RecurTensors

/// The cell that the equations of one timestep are: of an LSTM, a GRU or a simple recurrent layer.
package struct StepCell: Sendable {
  /// The cell.
  package var cell: RecurrentCell
  /// The value that is x.
  package var x: Model.Value
  /// The values that are the states before the timestep, in the cell's order.
  package var states: [Model.Value]

  /// The cell of a graph; nil for equations of another kind.
  ///
  /// - Parameters:
  ///   - body: a graph whose inputs are the states, parts of one timestep, and others.
  ///   - states: the inputs that are states.
  ///   - next: the values that the states become, h first.
  package init?(_ body: Model, states: [Model.Value], next: [Model.Value]) {
    if let layer = StepCell(layerOf: body, states: states, next: next) {
      self = layer
      return
    }
    let equations = StepEquations(body, states: Set(states))
    let found: StepCell? =
      switch next.count {
      case 1: equations.simple(next[0]) ?? equations.gru(next[0])
      case 2: equations.lstm(next[0], next[1])
      default: nil
      }
    guard let found, found.states.count == next.count, Set(found.states) == Set(states) else {
      return nil
    }
    self = found
  }

  /// The cells that a graph can be whose values `next` are in no order, each with its h: every state becomes
  /// the next value of itself.
  package static func cells(
    of body: Model, states: [Model.Value], becoming next: [Model.Value]
  ) -> [(step: StepCell, h: Model.Value)] {
    (next.count == 2 ? [next, next.reversed()] : [next]).compactMap { order in
      guard let step = StepCell(body, states: states, next: order),
        zip(step.states, order).allSatisfy({ state, value in
          states.firstIndex(of: state) == next.firstIndex(of: value)
        })
      else { return nil }
      return (step, order[0])
    }
  }

  /// The cell of a graph that is a recurrent layer over one timestep, as a cell that is called in a loop
  /// is written.
  private init?(layerOf body: Model, states: [Model.Value], next: [Model.Value]) {
    let graph = body.rewritten { node, graph in graph.keep(node) }.graph
    guard let first = next.first, let node = graph.producer(graph.beforeUnitAxes(first)),
      case .recurrent(let layer) = node.layer, node.mask == nil, !layer.isStateful,
      graph.shapes[node.inputs[0]]?.dropFirst().first == .fixed(1),
      node.initialState.count == next.count,
      Set(node.initialState.map { graph.beforeUnitAxes($0) }) == Set(states)
    else { return nil }
    let begin = layer.asLayer.outputCount - layer.cell.stateSizes.count
    for (index, value) in next.enumerated() {
      let own = graph.beforeUnitAxes(value)
      // The output of the only timestep is h.
      let isOutput = index == 0 && own.output == 0 && layer.cell.units == layer.cell.stateSizes[0]
      guard own.node == node.name, own.output == begin + index || isOutput else { return nil }
    }
    self.init(
      cell: layer.cell, x: graph.beforeUnitAxes(node.inputs[0]),
      states: node.initialState.map { graph.beforeUnitAxes($0) })
  }

  init(cell: RecurrentCell, x: Model.Value, states: [Model.Value]) {
    self.cell = cell
    self.x = x
    self.states = states
  }
}

extension StepEquations {
  /// h ← φ(W·x + U·h + b).
  func simple(_ next: Model.Value) -> StepCell? {
    guard let (activation, inner) = activated(part(next)), let sum = affine(inner),
      let (x, h) = operands(of: [sum]),
      let weights = weights([.hidden: sum] as [SimpleRNNGate: Affine], x, h)
    else { return nil }
    let units = inner.count
    let cell = SimpleRNN(
      inputSize: width(x), units: units, weights: weights, activation: activation)
    return StepCell(cell: .simpleRNN(cell), x: x, states: [h])
  }

  /// h ← o ⊙ φ(c), c ← f ⊙ c + i ⊙ φ(g).
  func lstm(_ next: Model.Value, _ nextCell: Model.Value) -> StepCell? {
    for (gate, other) in pairs(.multiply, part(next)) {
      guard let o = gateSum(gate), let (output, inner) = activated(other),
        inner.value == nextCell, let terms = pairs(.add, inner).first
      else { continue }
      for (kept, new) in [(terms.0, terms.1), (terms.1, terms.0)] {
        for (forget, cell) in pairs(.multiply, kept) where isState(cell) {
          guard let f = gateSum(forget) else { continue }
          for (input, candidate) in pairs(.multiply, new) {
            guard let i = gateSum(input), let (function, g) = activated(candidate),
              let sum = affine(g), o.function == f.function, f.function == i.function,
              let (x, h) = operands(of: [i.sum, f.sum, o.sum, sum]), h != cell.value,
              let weights = weights(
                [.input: i.sum, .forget: f.sum, .cell: sum, .output: o.sum] as [LSTMGate: Affine],
                x, h)
            else { continue }
            let own = LSTM(
              inputSize: width(x), units: g.count, weights: weights, activation: function,
              recurrentActivation: i.function, outputActivation: output == function ? nil : output)
            return StepCell(cell: .lstm(own), x: x, states: [h, cell.value])
          }
        }
      }
    }
    return nil
  }

  /// h ← z ⊙ h + (1 − z) ⊙ n, with the reset gate before or after the product of h.
  func gru(_ next: Model.Value) -> StepCell? {
    for (gate, h, candidate) in mixtures(part(next)) {
      guard let z = gateSum(gate), let (function, inner) = activated(candidate) else { continue }
      for (input, gated) in pairs(.add, inner) {
        guard let sum = affine(input) else { continue }
        // The product of h passes the gate.
        for (reset, product) in pairs(.multiply, gated) {
          guard let r = gateSum(reset), r.function == z.function, let own = affine(product),
            own.terms.map(\.input) == [h.value],
            let (x, state) = operands(of: [z.sum, r.sum]), state == h.value,
            sum.terms.map(\.input) == [x],
            let weights = weights(
              [.update: z.sum, .reset: r.sum, .candidate: sum.adding(own.terms)]
                as [GRUGate: Affine],
              x, state, recurrentBiases: [.candidate: own.bias])
          else { continue }
          return StepCell(
            cell: .gru(
              GRU(
                inputSize: width(x), units: inner.count, weights: weights, activation: function,
                recurrentActivation: z.function, resetPlacement: .afterProduct)),
            x: x, states: [h.value])
        }
      }
      // h passes the gate before its product.
      guard let sum = affine(inner), sum.terms.count == 2 else { continue }
      for (index, term) in sum.terms.enumerated() {
        for (reset, state) in pairs(.multiply, part(term.input)) where state.value == h.value {
          guard let r = gateSum(reset), r.function == z.function, isWhole(state) else {
            continue
          }
          var own = sum
          own.terms[index].input = h.value
          guard let (x, h) = operands(of: [z.sum, r.sum, own]),
            let weights = weights(
              [.update: z.sum, .reset: r.sum, .candidate: own] as [GRUGate: Affine], x, h)
          else { continue }
          return StepCell(
            cell: .gru(
              GRU(
                inputSize: width(x), units: inner.count, weights: weights, activation: function,
                recurrentActivation: z.function, resetPlacement: .beforeProduct)),
            x: x, states: [h])
        }
      }
    }
    return nil
  }

  /// The values z, h and n of z ⊙ h + (1 − z) ⊙ n and of n + z ⊙ (h − n).
  private func mixtures(_ next: Part) -> [(Part, Part, Part)] {
    var found: [(Part, Part, Part)] = []
    for (one, other) in pairs(.add, next) {
      for (gate, h) in pairs(.multiply, one) where isState(h) {
        for (rest, candidate) in pairs(.multiply, other) where isRest(rest, of: gate) {
          found.append((gate, h, candidate))
        }
      }
      for (gate, difference) in pairs(.multiply, one) {
        guard let terms = operands(.subtract, difference), terms.1 == other, isState(terms.0) else {
          continue
        }
        found.append((gate, terms.0, other))
      }
    }
    return found
  }
}
