import RecurTensors

// The equations of a GRU and of a simple recurrent cell.
extension RewrittenGraph {
  /// h = z ⊙ h₀ + (1 − z) ⊙ n, or (h₀ − n) ⊙ z + n.
  func gruStep(_ node: Model.Node) -> EquationStep? {
    for (one, other) in bothOrders(node.inputs) {
      if let step = mixed(kept: one, new: other) ?? moved(product: one, candidate: other) {
        return step
      }
    }
    return nil
  }

  /// z ⊙ h₀ and (1 − z) ⊙ n.
  private func mixed(kept: Model.Value, new: Model.Value) -> EquationStep? {
    guard let keptFactors = operands(.multiply, kept), let newFactors = operands(.multiply, new)
    else { return nil }
    for (z, h) in bothOrders(keptFactors) {
      for (rest, n) in bothOrders(newFactors) where complement(rest) == z {
        if let step = gru(z: z, h: h, n: n) { return step }
      }
    }
    return nil
  }

  /// (h₀ − n) ⊙ z and n.
  private func moved(product: Model.Value, candidate: Model.Value) -> EquationStep? {
    guard let factors = operands(.multiply, product) else { return nil }
    for (difference, z) in bothOrders(factors) {
      guard let terms = operands(.subtract, difference), terms[1] == candidate else { continue }
      if let step = gru(z: z, h: terms[0], n: candidate) { return step }
    }
    return nil
  }

  /// z of 1 − z.
  private func complement(_ value: Model.Value) -> Model.Value? {
    guard let node = producer(value), case .binary(let layer) = node.layer,
      layer.function == .subtract, node.inputs.count == 1, let ones = layer.left.constant,
      ones.elements.allSatisfy({ $0 == 1 })
    else { return nil }
    return node.inputs[0]
  }

  private func gru(z: Model.Value, h: Model.Value, n: Model.Value) -> EquationStep? {
    guard let update = gate(z), let (activation, inner) = activated(n),
      let sources = update.form.sources, sources.count == 2, update.form.diagonals.isEmpty,
      let state = update.form.term(h), !state.isSelected,
      let x = update.form.terms.first(where: { $0.source != h }),
      state.kernel.shape[1] == update.form.width
    else { return nil }
    if let step = withoutReset(update, activation, inner, h: h, x: x) { return step }
    let before = resetBefore(inner, h: h, x: x.source)
    guard
      let (reset, candidate, placement) = before.map({ ($0, $1, GRU.ResetPlacement.beforeProduct) })
        ?? resetAfter(inner, h: h, x: x.source).map({ ($0, $1, .afterProduct) }),
      let gate = gate(reset), gate.function == update.function, gate.form.sources == sources,
      gate.form.diagonals.isEmpty, gate.form.width == update.form.width,
      candidate.width == update.form.width
    else { return nil }
    var forms: [GRUGate: AffineForm] = [.update: update.form, .reset: gate.form]
    forms[.candidate] = candidate
    // Biases behind the reset gate are no part of those before it.
    guard
      let own = placement == .beforeProduct || candidate.term(h)?.bias == nil
        ? weights(forms, x: x.source, h: h) : separateWeights(forms, x: x.source, h: h)
    else { return nil }
    return EquationStep(
      cell: .gru(
        GRU(
          inputSize: x.kernel.shape[1], units: update.form.width, weights: own,
          activation: activation, recurrentActivation: update.function,
          resetPlacement: placement)), x: x, states: [h])
  }

  /// A candidate that reads all of h: a reset gate that is open whatever it reads.
  private func withoutReset(
    _ update: (function: Activation, form: AffineForm), _ activation: Activation,
    _ inner: Model.Value, h: Model.Value, x: AffineForm.Term
  ) -> EquationStep? {
    let (form, width) = (update.form, update.form.width)
    guard let candidate = affine(inner), candidate.sources == form.sources,
      candidate.width == width,
      candidate.diagonals.isEmpty, update.function.isOne(at: Self.open),
      let type = form.terms.first?.kernel.elementType
    else { return nil }
    var reset = AffineForm(width: width)
    for term in form.terms {
      let shape = [width, term.kernel.shape[1]]
      guard
        let zeros = try? Tensor.numbers(
          [Double](repeating: 0, count: shape[0] * shape[1]), type, shape: shape)
      else { return nil }
      reset.terms.append(.init(source: term.source, kernel: zeros))
    }
    reset.offset = [Double](repeating: Self.open, count: width)
    guard
      let own = separateWeights(
        [.update: form, .reset: reset, .candidate: candidate], x: x.source, h: h)
    else { return nil }
    return EquationStep(
      cell: .gru(
        GRU(
          inputSize: x.kernel.shape[1], units: width, weights: own, activation: activation,
          recurrentActivation: update.function, resetPlacement: .afterProduct)), x: x, states: [h])
  }

  /// A sum at which a gate is 1 in every element type.
  private static let open = 100.0

  /// W·x + U·(r ⊙ h) + b: r, and the sum with h in place of r ⊙ h.
  private func resetBefore(
    _ inner: Model.Value, h: Model.Value, x: Model.Value
  ) -> (Model.Value, AffineForm)? {
    guard var form = affine(inner), form.terms.count == 2, form.diagonals.isEmpty,
      form.term(x) != nil, let index = form.terms.firstIndex(where: { $0.source != x }),
      let factors = operands(.multiply, form.terms[index].source)
    else { return nil }
    for (reset, state) in bothOrders(factors) where state == h && gate(reset) != nil {
      form.terms[index].source = h
      return (reset, form)
    }
    return nil
  }

  /// W·x + b + r ⊙ (U·h + b'): r, and both sums.
  private func resetAfter(
    _ inner: Model.Value, h: Model.Value, x: Model.Value
  ) -> (Model.Value, AffineForm)? {
    guard let terms = operands(.add, inner) else { return nil }
    for (own, gated) in bothOrders(terms) {
      guard let input = affine(own), input.terms.count == 1, input.diagonals.isEmpty,
        input.terms[0].source == x, let factors = operands(.multiply, gated)
      else { continue }
      for (reset, product) in bothOrders(factors) where gate(reset) != nil {
        guard let recurrent = affine(product), recurrent.terms.count == 1,
          recurrent.diagonals.isEmpty, var term = recurrent.terms.first, term.source == h
        else { continue }
        if recurrent.offset != nil {
          guard let bias = try? recurrent.bias(term.kernel.elementType) else { continue }
          term.bias = bias
        }
        var form = input
        guard form.width == recurrent.width else { continue }
        form.terms.append(term)
        return (reset, form)
      }
    }
    return nil
  }

  /// The weights with two biases each, that of the input with all that belongs to no product.
  private func separateWeights(
    _ forms: [GRUGate: AffineForm], x: Model.Value, h: Model.Value
  ) -> RecurrentWeights<GRUGate>? {
    guard let any = forms[.update]?.terms.first?.kernel.elementType else { return nil }
    var split = forms
    for (gate, form) in forms {
      var own = form
      let zeros = [Double](repeating: 0, count: form.width)
      for index in own.terms.indices {
        var bias = own.terms[index].bias
        if own.terms[index].source == x, let offset = form.offset {
          let sum = zip(bias?.doubles() ?? zeros, offset).map { $0 + $1 }
          bias = try? Tensor.numbers(sum, any, shape: [form.width])
        }
        own.terms[index].bias = bias ?? (try? Tensor.numbers(zeros, any, shape: [form.width]))
      }
      own.offset = nil
      split[gate] = own
    }
    return weights(split, x: x, h: h)
  }

  /// h = φ(W·x + U·h₀ + b), where it is known which values are states.
  func simpleStep(_ node: Model.Node, _ function: Activation) -> EquationStep? {
    guard knownStates != nil, let form = affine(node.inputs[0]), form.diagonals.isEmpty,
      form.sources?.count == 2, let (x, h) = state(among: form.terms, width: form.width),
      isGivenState(h.source), !isGivenState(x.source),
      let own = weights([SimpleRNNGate.hidden: form], x: x.source, h: h.source)
    else { return nil }
    return EquationStep(
      cell: .simpleRNN(
        SimpleRNN(
          inputSize: x.kernel.shape[1], units: form.width, weights: own, activation: function)),
      x: x, states: [h.source])
  }
}

extension Activation {
  /// Whether a gate with this function is exactly 1 at a large sum.
  fileprivate func isOne(at sum: Double) -> Bool {
    switch self {
    case .sigmoid: true
    case .hardSigmoid(let slope, let offset): slope * sum + offset >= 1
    default: false
    }
  }
}
