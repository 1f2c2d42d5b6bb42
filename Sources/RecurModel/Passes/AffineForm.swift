import RecurTensors

/// A value as a sum of products with weights, of products element by element, and of numbers:
/// W₁·v₁ + W₂·v₂ + … + p ⊙ v + b.
struct AffineForm {
  /// One product, W·v + b.
  struct Term {
    /// v; one timestep of a product where ``isSelected``.
    var source: Model.Value
    /// W: `[width, inputs]`.
    var kernel: Tensor
    /// b: `[width]`, of this product alone.
    var bias: Tensor?
    /// Whether the source is one timestep of a product with all timesteps.
    var isSelected = false
  }

  /// A product element by element.
  struct Diagonal {
    var source: Model.Value
    /// `[width]`.
    var weights: [Double]
  }

  var width: Int
  var terms: [Term] = []
  var diagonals: [Diagonal] = []
  /// Numbers that belong to no product, `[width]`.
  var offset: [Double]?

  /// The terms, each source once; nil when a source is there twice.
  var sources: Set<Model.Value>? {
    let all = Set(terms.map(\.source))
    return all.count == terms.count ? all : nil
  }

  func term(_ source: Model.Value) -> Term? { terms.first { $0.source == source } }

  /// The sum of two forms of one width.
  func adding(_ other: AffineForm) -> AffineForm? {
    guard width == other.width, terms.count + other.terms.count <= 8 else { return nil }
    var sum = self
    sum.terms += other.terms
    sum.diagonals += other.diagonals
    if let numbers = other.offset { sum = sum.adding(numbers) }
    return sum
  }

  /// The form and more numbers.
  func adding(_ numbers: [Double]) -> AffineForm {
    var sum = self
    sum.offset = offset.map { zip($0, numbers).map { $0 + $1 } } ?? numbers
    return sum
  }

  /// Some elements of the form.
  func slice(_ first: Int, _ count: Int) -> AffineForm? {
    guard first >= 0, count > 0, first <= width - count else { return nil }
    let range = first..<first + count
    var part = AffineForm(width: count)
    part.terms = terms.map { term in
      Term(
        source: term.source, kernel: term.kernel.slice(axis: 0, range),
        bias: term.bias?.slice(axis: 0, range), isSelected: term.isSelected)
    }
    part.diagonals = diagonals.map {
      Diagonal(source: $0.source, weights: Array($0.weights[range]))
    }
    part.offset = offset.map { Array($0[range]) }
    return part
  }

  /// All numbers that are added to the products: one bias where it is one, nil where there is none.
  func bias(_ type: ElementType) throws(CheckpointError) -> Tensor? {
    let biases = terms.compactMap(\.bias)
    guard offset != nil || biases.count != 1 else { return biases[0] }
    guard offset != nil || !biases.isEmpty else { return nil }
    var sum = offset ?? [Double](repeating: 0, count: width)
    for bias in biases { sum = zip(sum, bias.doubles()).map { $0 + $1 } }
    return try Tensor.numbers(sum, type, shape: [width])
  }
}

extension RewrittenGraph {
  /// The sum of products that a value is, `[batch, width]`; nil for another value.
  func affine(_ value: Model.Value) -> AffineForm? {
    var budget = 64
    return affine(value, &budget)
  }

  private func affine(_ value: Model.Value, _ budget: inout Int) -> AffineForm? {
    budget -= 1
    guard budget > 0, let node = producer(value), node.mask == nil, value.output == 0,
      let shape = shapes[value], shape.count == 2, let width = shape[1].value
    else { return nil }
    switch node.layer {
    case .dense(let dense): return products(dense, node.inputs[0])
    case .selection: return selectedProduct(value, node)
    case .slicing(let slicing):
      guard slicing.parts.count == 1, slicing.parts[0].axis == 1, slicing.parts[0].step == 1,
        let extent = shapes[node.inputs[0]]?.last?.value
      else { return nil }
      let (first, count) = slicing.parts[0].positions(in: extent)
      return affine(node.inputs[0], &budget)?.slice(first, count)
    case .binary(let binary): return sum(binary, node, width, &budget)
    case .input: return timestep(value, width)
    default: return nil
    }
  }

  /// A product with the parts that an array was put together of.
  private func products(_ dense: Dense, _ input: Model.Value) -> AffineForm? {
    guard dense.activation == .linear, shapes[input]?.count == 2 else { return nil }
    var form = AffineForm(width: dense.outputSize)
    guard let joined = producer(input), case .merge(.concatenate(let axis)) = joined.layer,
      axis == 1 || axis == -1, joined.inputs.count <= 4
    else {
      form.terms = [.init(source: input, kernel: dense.kernel, bias: dense.bias)]
      return form
    }
    var start = 0
    for part in joined.inputs {
      guard let width = shapes[part]?.last?.value, start + width <= dense.inputSize else {
        return nil
      }
      form.terms.append(
        .init(source: part, kernel: dense.kernel.slice(axis: 1, start..<start + width)))
      start += width
    }
    form.offset = dense.bias?.doubles()
    return start == dense.inputSize ? form : nil
  }

  /// One timestep of a product with all timesteps.
  private func selectedProduct(_ value: Model.Value, _ node: Model.Node) -> AffineForm? {
    guard let inner = producer(node.inputs[0]), case .dense(let dense) = inner.layer,
      dense.activation == .linear
    else { return nil }
    var form = AffineForm(width: dense.outputSize)
    form.terms = [
      .init(source: value, kernel: dense.kernel, bias: dense.bias, isSelected: true)
    ]
    return form
  }

  /// One timestep of what was computed for all timesteps before: a product with 1.
  private func timestep(_ value: Model.Value, _ width: Int) -> AffineForm? {
    guard let knownStates, !knownStates.contains(Name(value.node)), 1...2_048 ~= width else {
      return nil
    }
    var ones = [Double](repeating: 0, count: width * width)
    for index in 0..<width { ones[index * width + index] = 1 }
    guard let kernel = try? Tensor.numbers(ones, .float32, shape: [width, width]) else {
      return nil
    }
    var form = AffineForm(width: width)
    form.terms = [.init(source: value, kernel: kernel)]
    return form
  }

  private func sum(
    _ binary: Binary, _ node: Model.Node, _ width: Int, _ budget: inout Int
  ) -> AffineForm? {
    guard let constant = binary.left.constant ?? binary.right.constant else {
      guard binary.function == .add, node.inputs.count == 2,
        let one = affine(node.inputs[0], &budget), let other = affine(node.inputs[1], &budget)
      else { return nil }
      return one.adding(other)
    }
    guard !constant.isWhole, let numbers = constant.row(width) else { return nil }
    switch binary.function {
    case .add: return affine(node.inputs[0], &budget)?.adding(numbers)
    case .subtract where binary.right.constant != nil:
      return affine(node.inputs[0], &budget)?.adding(numbers.map { -$0 })
    case .multiply where constant.elements.count == width:
      // A product that is scaled is no product of the weights.
      guard affine(node.inputs[0], &budget) == nil, budget > 0 else { return nil }
      var form = AffineForm(width: width)
      form.diagonals = [.init(source: node.inputs[0], weights: numbers)]
      return form
    default: return nil
    }
  }
}

extension Operand.Constant {
  /// The numbers of one row of `width` elements; nil for an array of several rows.
  fileprivate func row(_ width: Int) -> [Double]? {
    switch elements.count {
    case 1: [Double](repeating: elements[0], count: width)
    case width where shape.last == width: elements
    default: nil
    }
  }
}
