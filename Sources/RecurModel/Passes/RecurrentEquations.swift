import RecurTensors

/// The equations of one step of a cell become the step of a recurrent layer.
///
/// Products with x and with h may be one product with both, one after the other, or one product per
/// gate: what counts is the sum of products that enters each function.
enum RecurrentEquations {
  static func rewrite(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    var found: EquationStep?
    switch node.layer {
    case .binary(let binary) where node.inputs.count == 2:
      found =
        binary.function == .multiply
        ? graph.lstmStep(node) : binary.function == .add ? graph.gruStep(node) : nil
    case .dense: found = graph.projectedStep(node, node.inputs[0])
    case .clamp:
      guard !graph.limit(node) else { return }
    default: break
    }
    write(found, for: node, &graph)
  }

  /// The equation of a cell without gates, which is a part of those of cells with gates too: for models
  /// in which these are cells already.
  static func rewriteSimple(_ node: Model.Node, _ graph: inout RewrittenGraph) {
    guard case .activation(let function) = node.layer else { return graph.keep(node) }
    write(graph.simpleStep(node, function), for: node, &graph)
  }

  private static func write(
    _ found: EquationStep?, for node: Model.Node, _ graph: inout RewrittenGraph
  ) {
    guard let step = found else { return graph.keep(node) }
    let layer = Recurrent(
      cell: step.cell, returnsSequence: false, returnsState: true, direction: .forward,
      isStateful: false, keptStateWins: false, maskedOutput: .previous)
    let x = step.x.isSelected ? graph.input(ofProduct: step.x.source) : step.x.source
    var input = Model.Node(
      name: graph.unique("\(node.name).step"), layerName: "",
      layer: .reshaping(.insertAxis(1)), inputs: [x], precision: node.precision,
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
struct EquationStep {
  var cell: RecurrentCell
  /// The product with x.
  var x: AffineForm.Term
  var states: [Model.Value]
  /// The next c, which is another value of the graph.
  var nextCell: Model.Value?
}

// Parts of the equations.
extension RewrittenGraph {
  func bothOrders(_ values: [Model.Value]) -> [(Model.Value, Model.Value)] {
    values.count == 2 ? [(values[0], values[1]), (values[1], values[0])] : []
  }

  func operands(_ function: Binary.Function, _ value: Model.Value) -> [Model.Value]? {
    guard let node = producer(value), case .binary(let layer) = node.layer,
      layer.function == function, node.inputs.count == 2
    else { return nil }
    return node.inputs
  }

  /// The function that a value comes out of, and what is in it.
  func activated(_ value: Model.Value) -> (function: Activation, inner: Model.Value)? {
    guard let node = producer(value), node.mask == nil else { return nil }
    if case .binary(let layer) = node.layer, layer.function == .multiply, node.inputs.count == 1,
      (layer.left.constant ?? layer.right.constant)?.elements.allSatisfy({ $0 == 1 }) ?? false,
      shapes[node.inputs[0]] == shapes[value]
    {
      return activated(node.inputs[0])
    }
    if case .activation(let function) = node.layer { return (function, node.inputs[0]) }
    let bounds = clamped(value)
    return bounds.minimum == 0 && bounds.maximum == 1 ? hardSigmoid(bounds.inner) : nil
  }

  /// slope · x + offset between 0 and 1.
  private func hardSigmoid(_ value: Model.Value) -> (function: Activation, inner: Model.Value)? {
    guard let sum = producer(value), case .binary(let adding) = sum.layer,
      adding.function == .add, sum.inputs.count == 1,
      let offset = (adding.left.constant ?? adding.right.constant)?.number,
      let product = producer(sum.inputs[0]), case .binary(let scaling) = product.layer,
      scaling.function == .multiply, product.inputs.count == 1,
      let slope = (scaling.left.constant ?? scaling.right.constant)?.number
    else { return nil }
    let function = Activation.hardSigmoid(
      slope: Double(Float(slope)) == Double(Float(0.2)) ? 0.2 : slope, offset: offset)
    return (function, product.inputs[0])
  }

  /// What a node that is not written yet keeps within bounds, and the bounds: its own, and those of the node
  /// before it.
  func bounds(
    of node: Model.Node
  ) -> (inner: Model.Value, bounds: (lower: Double?, upper: Double?)) {
    guard case .clamp(let clamp) = node.layer else { return (node.inputs[0], (nil, nil)) }
    guard let before = producer(node.inputs[0]), case .clamp(let own) = before.layer,
      clamp.minimum == nil || own.minimum == nil, clamp.maximum == nil || own.maximum == nil
    else { return (node.inputs[0], (clamp.minimum, clamp.maximum)) }
    return (
      before.inputs[0], (clamp.minimum ?? own.minimum, clamp.maximum ?? own.maximum)
    )
  }

  /// A value before it was kept within bounds, which may be those of one node or of two.
  private func clamped(
    _ value: Model.Value
  ) -> (inner: Model.Value, minimum: Double?, maximum: Double?) {
    guard let node = producer(value), case .clamp = node.layer else { return (value, nil, nil) }
    let (inner, bounds) = bounds(of: node)
    return (inner, bounds.lower, bounds.upper)
  }

  /// A sum of products in the function of a gate; several gates may have one function together.
  func gate(_ value: Model.Value) -> (function: Activation, form: AffineForm)? {
    if let (function, inner) = activated(value) {
      guard function.range == 0...1, let form = affine(inner) else { return nil }
      return (function, form)
    }
    guard let node = producer(value), case .slicing(let slicing) = node.layer,
      slicing.parts.count == 1, slicing.parts[0].axis == 1, slicing.parts[0].step == 1,
      let shape = shapes[node.inputs[0]], shape.count == 2, let extent = shape[1].value,
      let (function, inner) = activated(node.inputs[0]), function.range == 0...1,
      function != .softmax, function != .sparsemax
    else { return nil }
    let (first, count) = slicing.parts[0].positions(in: extent)
    return affine(inner)?.slice(first, count).map { (function, $0) }
  }

  /// A value before it was kept within ±limit; the value itself where it was not.
  func unlimited(_ value: Model.Value) -> (value: Model.Value, limit: Double?) {
    let bounds = clamped(value)
    guard let maximum = bounds.maximum, maximum > 0, bounds.minimum == -maximum else {
      return (value, nil)
    }
    return (bounds.inner, maximum)
  }

  /// Which of two products is that with the state.
  ///
  /// Where both could be, which is called the state changes no number, but only states can be kept.
  /// `other` is another state of the same step: of the step before, h and c come from one node, and both
  /// are zeros in the first one.
  func state(
    among terms: [AffineForm.Term], width: Int?, beside other: Model.Value? = nil
  ) -> (x: AffineForm.Term, h: AffineForm.Term)? {
    guard terms.count == 2 else { return nil }
    let candidates = [(terms[1], terms[0]), (terms[0], terms[1])].filter { _, h in
      !h.isSelected && (width == nil || h.kernel.shape[1] == width)
    }
    if let other {
      let pair = candidates.first { _, h in
        other.node.isEmpty || isZero(other) ? isZero(h.source) : h.source.node == other.node
      }
      if let pair { return pair }
    }
    return candidates.first { x, h in isGivenState(h.source) && !isGivenState(x.source) }
      ?? candidates.first { _, h in isGivenState(h.source) } ?? candidates.first
  }

  /// Whether a value is a state that is given: an input, a part of one, zero, or the state of a step
  /// before; where the states are known, one of these.
  func isGivenState(_ value: Model.Value) -> Bool {
    let own = beforeUnitAxes(value)
    guard let node = producer(own) else { return false }
    switch node.layer {
    case .input: return knownStates.map { $0.contains(Name(own.node)) } ?? true
    // where the states are known, they are inputs
    case .recurrent: return knownStates == nil && own.output > 0
    case .selection(let selection) where selection.axis == 0:
      return isGivenState(node.inputs[0])
    default: return isZero(own)
    }
  }

  /// One timestep of what a product reads, for one timestep of the product.
  mutating func input(ofProduct value: Model.Value) -> Model.Value {
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

  /// The weights of all gates, each a sum of products with x and h.
  func weights<Gate: RecurrentGate>(
    _ forms: [Gate: AffineForm], x: Model.Value, h: Model.Value
  ) -> RecurrentWeights<Gate>? {
    var kernels: [Gate: Tensor] = [:]
    var recurrent: [Gate: Tensor] = [:]
    for (gate, form) in forms {
      guard let own = form.term(x), let state = form.term(h) else { return nil }
      kernels[gate] = own.kernel
      recurrent[gate] = state.kernel
    }
    guard let any = kernels.first?.value, kernels.count == Gate.allCases.count else { return nil }
    let all = forms.values
    let isSplit = all.allSatisfy { form in
      form.offset == nil && form.term(x)?.bias != nil && form.term(h)?.bias != nil
    }
    let hasNone = all.allSatisfy { form in
      form.offset == nil && form.terms.allSatisfy { $0.bias == nil }
    }
    func map(_ tensors: [Gate: Tensor]) -> GateMap<Gate, Tensor> { GateMap { tensors[$0] ?? any } }
    var bias = RecurrentWeights<Gate>.Bias.none
    if isSplit {
      bias = .split(
        input: map(forms.compactMapValues { $0.term(x)?.bias }),
        recurrent: map(forms.compactMapValues { $0.term(h)?.bias }))
    } else if !hasNone {
      var sums: [Gate: Tensor] = [:]
      for (gate, form) in forms {
        let zeros = try? Tensor.numbers(
          [Double](repeating: 0, count: form.width), any.elementType, shape: [form.width])
        sums[gate] = (try? form.bias(any.elementType)) ?? zeros
      }
      bias = .single(map(sums))
    }
    return RecurrentWeights(kernel: map(kernels), recurrentKernel: map(recurrent), bias: bias)
  }
}

extension Operand.Constant {
  /// The number, of a constant that has one.
  var number: Double? { elements.count == 1 ? elements[0] : nil }
}
