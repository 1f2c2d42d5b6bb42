import RecurTensors

/// The equations of one step of an LSTM or a GRU become the step of a recurrent layer.
enum RecurrentEquations {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard case .binary(let binary) = node.layer, node.inputs.count == 2 else {
      return graph.keep(node)
    }
    let found =
      binary.function == .multiply
      ? graph.lstmStep(node) : binary.function == .add ? graph.gruStep(node) : nil
    guard let step = found else { return graph.keep(node) }
    let layer = Recurrent(
      cell: step.cell, returnsSequence: false, returnsState: true, direction: .forward,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    var input = Model.Node(
      name: graph.unique("\(node.name).step"), layerName: "",
      layer: .reshaping(.insertAxis(1)), inputs: [step.x], precision: node.precision,
      location: node.location)
    input.layerName = input.name
    graph.keep(input)
    let own = Model.Node(
      name: graph.unique("\(node.name).cell"), layerName: node.layerName,
      layer: .recurrent(layer), inputs: [Model.Value(input.name)], initialState: step.states,
      precision: node.precision, location: node.location)
    graph.change(own)
    graph.replace(Model.Value(node.name), with: Model.Value(own.name, 1))
    if let next = step.nextCell { graph.replace(next, with: Model.Value(own.name, 2)) }
  }
}

/// One step of a cell in a graph.
private struct CellStep {
  var cell: RecurrentCell
  var x: Model.Value
  var states: [Model.Value]
  /// The next c, which is another value of the graph.
  var nextCell: Model.Value?
}

/// A product with weights, W·v + b.
private struct Product {
  var dense: Dense
  var input: Model.Value

  /// The rows of one gate.
  func kernel(_ gate: Int, _ units: Int) -> Tensor {
    dense.kernel.slice(axis: 0, gate * units..<(gate + 1) * units)
  }

  func bias(_ gate: Int, _ units: Int) -> Tensor? {
    dense.bias.map { $0.slice(axis: 0, gate * units..<(gate + 1) * units) }
  }
}

extension RewrittenGraph {
  /// h = σ(o) ⊙ tanh(c), c = σ(f) ⊙ c₀ + σ(i) ⊙ tanh(g), with the gates parts of W·x + U·h₀.
  fileprivate mutating func lstmStep(_ node: Model.Node) -> CellStep? {
    for (gate, other) in bothOrders(node.inputs) {
      guard let o = part(under: .sigmoid, gate), let tanh = activated(.tanh, other),
        let sum = binary(.add, tanh)
      else { continue }
      for (kept, new) in bothOrders(sum) {
        guard let keptProduct = binary(.multiply, kept) ?? product(withZero: kept),
          let newProduct = binary(.multiply, new)
        else { continue }
        for (forget, cell) in bothOrders(keptProduct) {
          guard let f = part(under: .sigmoid, forget) else { continue }
          for (input, candidate) in bothOrders(newProduct) {
            guard let i = part(under: .sigmoid, input), let g = part(under: .tanh, candidate),
              Set([o.source, f.source, i.source, g.source]).count == 1,
              Set([o.start, f.start, i.start, g.start]).count == 4,
              let units = shapes[tanh]?.last?.value, units > 0,
              [o, f, i, g].allSatisfy({ $0.start % units == 0 && $0.count == units }),
              let (x, h) = products(o.source, gates: 4, units: units),
              let layout = weights(
                [
                  .input: i.start / units, .forget: f.start / units, .cell: g.start / units,
                  .output: o.start / units,
                ] as [LSTMGate: Int], x, h, units: units)
            else { continue }
            // A c of zeros is in no node, and h is zero too when both begin.
            guard let state = cell.node.isEmpty ? (isZero(h.input) ? h.input : nil) : cell else {
              continue
            }
            return CellStep(
              cell: .lstm(
                LSTM(
                  inputSize: x.dense.inputSize, units: units, weights: layout, activation: .tanh,
                  recurrentActivation: .sigmoid)), x: written(x.input), states: [h.input, state],
              nextCell: tanh)
          }
        }
      }
    }
    return nil
  }

  /// h = (h₀ − n) ⊙ z + n with n = tanh(Wₙ·x + r ⊙ (Uₙ·h₀)).
  fileprivate mutating func gruStep(_ node: Model.Node) -> CellStep? {
    for (product, candidate) in bothOrders(node.inputs) {
      guard let inner = activated(.tanh, candidate), let factors = binary(.multiply, product),
        let sum = binary(.add, inner)
      else { continue }
      for (difference, update) in bothOrders(factors) {
        guard let terms = binary(.subtract, difference), terms[1] == candidate,
          let z = gateSum(update)
        else { continue }
        for (inputPart, gated) in bothOrders(sum) {
          guard let n = slice(inputPart), let both = binary(.multiply, gated) else { continue }
          for (reset, recurrentPart) in bothOrders(both) {
            guard let r = gateSum(reset), let m = slice(recurrentPart),
              let units = shapes[inner]?.last?.value, units > 0,
              [z.0, z.1, r.0, r.1, n, m].allSatisfy({ $0.start % units == 0 && $0.count == units }),
              let x = product3(n.source, units), let h = product3(m.source, units),
              Set([z.0.source, z.1.source]) == [n.source, m.source],
              Set([r.0.source, r.1.source]) == [n.source, m.source], n.source != m.source,
              z.0.start == z.1.start, r.0.start == r.1.start, n.start == m.start,
              h.input == terms[0], h.dense.inputSize == units,
              let layout = weights(
                [
                  .update: z.0.start / units, .reset: r.0.start / units,
                  .candidate: n.start / units,
                ] as [GRUGate: Int], x, h, units: units)
            else { continue }
            return CellStep(
              cell: .gru(
                GRU(
                  inputSize: x.dense.inputSize, units: units, weights: layout, activation: .tanh,
                  recurrentActivation: .sigmoid, resetPlacement: .afterProduct)),
              x: written(x.input), states: [h.input])
          }
        }
      }
    }
    return nil
  }

  // MARK: parts of the equations

  private func bothOrders(_ values: [Model.Value]) -> [(Model.Value, Model.Value)] {
    values.count == 2 ? [(values[0], values[1]), (values[1], values[0])] : []
  }

  private func binary(_ function: Binary.Function, _ value: Model.Value) -> [Model.Value]? {
    guard let node = producer(value), case .binary(let layer) = node.layer,
      layer.function == function, node.inputs.count == 2
    else { return nil }
    return node.inputs
  }

  /// The factors of a product with zeros that are in no node; the name of these is empty.
  private func product(withZero value: Model.Value) -> [Model.Value]? {
    guard let node = producer(value), case .binary(let layer) = node.layer,
      layer.function == .multiply, node.inputs.count == 1,
      let constant = layer.left.constant ?? layer.right.constant,
      constant.elements.allSatisfy({ $0 == 0 })
    else { return nil }
    return [node.inputs[0], Model.Value("")]
  }

  private func activated(_ function: Activation, _ value: Model.Value) -> Model.Value? {
    guard let node = producer(value), case .activation(function) = node.layer else { return nil }
    return node.inputs[0]
  }

  /// A part of the last axis.
  private func slice(_ value: Model.Value) -> (source: Model.Value, start: Int, count: Int)? {
    guard let node = producer(value), case .slicing(let slicing) = node.layer,
      let shape = shapes[node.inputs[0]], let extent = shape.last?.value,
      slicing.parts.count == 1, slicing.parts[0].axis == shape.count - 1,
      slicing.parts[0].step == 1
    else { return nil }
    let (first, count) = slicing.parts[0].positions(in: extent)
    return (node.inputs[0], first, count)
  }

  private func part(
    under function: Activation, _ value: Model.Value
  ) -> (source: Model.Value, start: Int, count: Int)? {
    activated(function, value).flatMap(slice)
  }

  /// σ of the sum of two parts.
  private func gateSum(
    _ value: Model.Value
  ) -> (
    (source: Model.Value, start: Int, count: Int), (source: Model.Value, start: Int, count: Int)
  )? {
    guard let inner = activated(.sigmoid, value), let sum = binary(.add, inner),
      let one = slice(sum[0]), let other = slice(sum[1])
    else { return nil }
    return (one, other)
  }

  private func product(_ value: Model.Value) -> Product? {
    guard let node = producer(value) else { return nil }
    switch node.layer {
    case .dense(let dense) where dense.activation == .linear && shapes[node.inputs[0]]?.count == 2:
      return Product(dense: dense, input: node.inputs[0])
    case .selection:
      // One timestep of a product with all timesteps: written as the product with that timestep.
      guard let inner = producer(node.inputs[0]), case .dense(let dense) = inner.layer,
        dense.activation == .linear, shapes[value]?.count == 2
      else { return nil }
      return Product(dense: dense, input: value)
    default: return nil
    }
  }

  private func product3(_ value: Model.Value, _ units: Int) -> Product? {
    product(value).flatMap { $0.dense.outputSize == 3 * units ? $0 : nil }
  }

  /// The products with x and with h in their sum.
  private func products(
    _ value: Model.Value, gates: Int, units: Int
  ) -> (x: Product, h: Product)? {
    guard let sum = binary(.add, value), let one = product(sum[0]), let other = product(sum[1]),
      [one, other].allSatisfy({ $0.dense.outputSize == gates * units })
    else { return nil }
    // A product of one timestep of a sequence is that with x. Where both could be, which is called the
    // state changes no number, but only states can be kept.
    let candidates = [(other, one), (one, other)].filter { _, h in
      h.dense.inputSize == units && isState(h.input)
    }
    return candidates.first { x, h in isGivenState(h.input) && !isGivenState(x.input) }
      ?? candidates.first { _, h in isGivenState(h.input) } ?? candidates.first
  }

  /// Whether a value is an input, a part of one, zero, or the state of a step before.
  private func isGivenState(_ value: Model.Value) -> Bool {
    let own = beforeUnitAxes(value)
    guard let node = producer(own) else { return false }
    switch node.layer {
    case .input: return true
    case .recurrent: return own.output > 0
    case .selection(let selection) where selection.axis == 0:
      return isGivenState(node.inputs[0])
    default: return isZero(own)
    }
  }

  /// Whether a value can be a state: no part of a product with a whole sequence.
  private func isState(_ value: Model.Value) -> Bool {
    guard let node = producer(value), case .selection = node.layer,
      let inner = producer(node.inputs[0])
    else { return true }
    if case .dense = inner.layer { return false }
    return true
  }

  /// The input of a product: for one timestep of a product, that timestep of its input.
  private mutating func written(_ value: Model.Value) -> Model.Value {
    guard let node = producer(value), case .selection(let selection) = node.layer,
      let inner = producer(node.inputs[0]), case .dense = inner.layer,
      selection.axis < (shapes[inner.inputs[0]]?.count ?? 0) - 1
    else { return value }
    var own = node
    own.name = unique("\(node.name).x")
    own.layerName = own.name
    own.inputs = inner.inputs
    keep(own)
    return Model.Value(own.name)
  }

  private func weights<Gate: RecurrentGate>(
    _ places: [Gate: Int], _ x: Product, _ h: Product, units: Int
  ) -> RecurrentWeights<Gate>? {
    func map(_ part: (Int) -> Tensor) -> GateMap<Gate, Tensor> {
      GateMap { part(places[$0] ?? 0) }
    }
    var bias = RecurrentWeights<Gate>.Bias.none
    switch (x.dense.bias, h.dense.bias) {
    case (let input?, let recurrent?):
      bias = .split(
        input: map { input.slice(axis: 0, $0 * units..<($0 + 1) * units) },
        recurrent: map { recurrent.slice(axis: 0, $0 * units..<($0 + 1) * units) })
    case (nil, nil): break
    default: return nil
    }
    return RecurrentWeights(
      kernel: map { x.kernel($0, units) }, recurrentKernel: map { h.kernel($0, units) }, bias: bias)
  }
}
