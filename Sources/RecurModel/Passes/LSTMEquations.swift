import RecurTensors

// The equations of an LSTM: c = σ(f) ⊙ c₀ + σ(i) ⊙ φ(g), h = σ(o) ⊙ φ(c), and h = P·(σ(o) ⊙ φ(c)).
extension RewrittenGraph {
  /// The step that ends with a product element by element, without a projection.
  func lstmStep(_ node: Model.Node) -> EquationStep? {
    guard let found = lstm(node),
      found.cell.weights.recurrentKernel[.input].shape[1] == found.cell.units
    else { return nil }
    return step(found)
  }

  /// The step whose h is a product of a projection.
  func projectedStep(_ node: Model.Node, _ input: Model.Value) -> EquationStep? {
    guard case .dense(let dense) = node.layer, dense.bias == nil, dense.activation == .linear,
      let before = producer(input), case .binary(let binary) = before.layer,
      binary.function == .multiply, let found = lstm(before),
      found.cell.weights.recurrentKernel[.input].shape[1] == dense.outputSize
    else { return nil }
    // Of cells whose h is as wide as c the step before the projection was found.
    guard dense.outputSize != found.cell.units else { return nil }
    var own = found
    own.cell.projection = dense.kernel
    return step(own)
  }

  /// Writes the step of a cell again, with the projected h kept within the bounds of `node`.
  ///
  /// - Returns: whether `node` has such bounds, and was left out.
  mutating func limit(_ node: Model.Node) -> Bool {
    let (inner, bounds) = bounds(of: node)
    guard let limit = bounds.upper, limit > 0, bounds.lower == -limit, inner.output <= 1,
      let before = producer(inner), case .recurrent(var layer) = before.layer,
      !layer.returnsSequence, layer.returnsState, case .lstm(var cell) = layer.cell,
      cell.projection != nil, cell.projectionLimit == nil
    else { return false }
    cell.projectionLimit = limit
    layer.cell = .lstm(cell)
    var own = before
    own.name = unique("\(before.name).limited")
    own.layer = .recurrent(layer)
    change(own)
    replace(Model.Value(node.name), with: Model.Value(own.name, 1))
    replaceAll(Model.Value(before.name, 2), with: Model.Value(own.name, 2))
    return true
  }

  private struct FoundLSTM {
    var cell: LSTM
    var x: AffineForm.Term
    var h: Model.Value
    var c: Model.Value
    var nextCell: Model.Value
  }

  private func step(_ found: FoundLSTM) -> EquationStep {
    EquationStep(
      cell: .lstm(found.cell), x: found.x, states: [found.h, found.c], nextCell: found.nextCell)
  }

  private func lstm(_ node: Model.Node) -> FoundLSTM? {
    guard node.inputs.count == 2 else { return nil }
    for (first, shown) in bothOrders(node.inputs) {
      guard let output = gate(first) else { continue }
      let (function, next) = activated(shown) ?? (.linear, shown)
      let (sum, limit) = unlimited(next)
      guard function.range != 0...1 || !hasGate(shown), let parts = operands(.add, sum) else {
        continue
      }
      for (kept, new) in bothOrders(parts) {
        guard let keptFactors = operands(.multiply, kept) ?? factors(withZero: kept),
          let newFactors = operands(.multiply, new)
        else { continue }
        for (f, c) in bothOrders(keptFactors) {
          guard let forget = gate(f) else { continue }
          for (i, g) in bothOrders(newFactors) {
            guard let input = gate(i), let (activation, inner) = activated(g),
              let candidate = affine(inner), forget.function == output.function,
              input.function == output.function
            else { continue }
            let forms: [LSTMGate: AffineForm] = [
              .input: input.form, .forget: forget.form, .cell: candidate, .output: output.form,
            ]
            guard
              var found = found(
                forms, c: c, next: next, activation: activation, recurrent: output.function)
            else { continue }
            if function != activation { found.cell.outputActivation = function }
            found.cell.cellLimit = limit
            return found
          }
        }
      }
    }
    return nil
  }

  /// Whether a value is a gate: a sum of products in the function of one.
  private func hasGate(_ value: Model.Value) -> Bool { gate(value) != nil }

  private func found(
    _ forms: [LSTMGate: AffineForm], c: Model.Value, next: Model.Value, activation: Activation,
    recurrent: Activation
  ) -> FoundLSTM? {
    guard let any = forms[.cell], let sources = any.sources, sources.count == 2,
      forms.values.allSatisfy({ $0.width == any.width && $0.sources == sources })
    else { return nil }
    let units = any.width
    // The h of a cell with a projection has another width.
    let usual =
      knownStates == nil ? state(among: any.terms, width: units, beside: c) : nil
    guard let (x, h) = usual ?? state(among: any.terms, width: nil, beside: c),
      let own = weights(forms, x: x.source, h: h.source)
    else { return nil }
    // A c of zeros is in no node, and h is zero too when both begin.
    let isOpen = c.node.isEmpty
    guard !isOpen || isZero(h.source) && h.kernel.shape[1] == units,
      isOpen || shapes[c]?.last == .fixed(units)
    else { return nil }
    let state = isOpen ? h.source : c
    var cell = LSTM(
      inputSize: x.kernel.shape[1], units: units, weights: own, activation: activation,
      recurrentActivation: recurrent)
    guard any.diagonals.isEmpty else { return nil }
    let seen = [LSTMGate.input: c, .forget: c, .output: next]
    var peepholes: [LSTMGate: Tensor] = [:]
    for (gate, source) in seen {
      let diagonals = forms[gate]?.diagonals ?? []
      guard diagonals.allSatisfy({ $0.source == source }), diagonals.count <= 1 else { return nil }
      let weights = diagonals.first?.weights ?? [Double](repeating: 0, count: units)
      peepholes[gate] = try? Tensor.numbers(
        weights, x.kernel.elementType, shape: [units])
    }
    if forms.values.contains(where: { !$0.diagonals.isEmpty }), let i = peepholes[.input],
      let f = peepholes[.forget], let o = peepholes[.output]
    {
      cell.peepholes = .init(input: i, forget: f, output: o)
    }
    return FoundLSTM(cell: cell, x: x, h: h.source, c: state, nextCell: next)
  }

  /// The factors of a product with zeros that are in no node; the name of these is empty.
  private func factors(withZero value: Model.Value) -> [Model.Value]? {
    guard let node = producer(value), case .binary(let layer) = node.layer,
      layer.function == .multiply, node.inputs.count == 1,
      let constant = layer.left.constant ?? layer.right.constant,
      constant.elements.allSatisfy({ $0 == 0 })
    else { return nil }
    return [node.inputs[0], Model.Value("")]
  }
}
