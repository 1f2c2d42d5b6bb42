import RecurTensors

/// Questions to the graph of one timestep: which functions of which products a value is.
struct StepEquations {
  private let producers: [Name: Model.Node]
  private let shapes: ModelShapes
  private let states: Set<Model.Value>

  init(_ body: Model, states: Set<Model.Value>) {
    producers = Dictionary(
      body.nodes.map { (Name($0.name), $0) }, uniquingKeysWith: { one, _ in one })
    shapes = ModelShapes(body)
    self.states = states
  }

  /// Positions of the last axis of a value.
  struct Part: Hashable {
    var value: Model.Value
    var start: Int
    var count: Int
  }

  /// A sum of products with weights, and of biases.
  struct Affine {
    struct Term {
      var input: Model.Value
      /// `[rows, inputs]`.
      var kernel: Tensor
    }

    var terms: [Term] = []
    var biases: [[Double]] = []

    mutating func add(_ other: Affine) {
      terms += other.terms
      biases += other.biases
    }

    /// The sum with more products.
    func adding(_ more: [Term]) -> Affine {
      Affine(terms: terms + more, biases: biases)
    }

    /// The sum of all biases; nil without any.
    var bias: [Double]? {
      biases.dropFirst().reduce(biases.first) { sum, next in
        sum.map { zip($0, next).map { $0 + $1 } }
      }
    }
  }

  // MARK: values

  /// All positions of a value.
  func part(_ value: Model.Value) -> Part {
    source(of: Part(value: value, start: 0, count: shapes[value]?.last?.value ?? 0))
  }

  /// The same positions of the value of which a slice was taken.
  private func source(of part: Part) -> Part {
    var own = part
    for _ in 0..<64 {
      guard let node = producers[Name(own.value.node)], node.inputs.count == 1 else { break }
      switch node.layer {
      case .slicing(let slicing):
        guard let shape = shapes[node.inputs[0]], let extent = shape.last?.value,
          slicing.parts.count == 1, slicing.parts[0].step == 1,
          slicing.parts[0].axis == shape.count - 1
        else { return own }
        own.start += slicing.parts[0].positions(in: extent).first
        own.value = node.inputs[0]
      case .identity: own.value = node.inputs[0]
      // An axis of extent 1 that goes: the batch of graphs for one sequence.
      case .selection, .reshaping(.insertAxis), .reshaping(.reshape), .reshaping(.reshapeAll),
        .reshaping(.flatten):
        guard hasSameElements(node.inputs[0], own.value) else { return own }
        own.value = node.inputs[0]
      default: return own
      }
    }
    return own
  }

  /// Whether two values have the same extents apart from axes of extent 1 in front of the last one, so that
  /// what moves elements between them moves none.
  private func hasSameElements(_ one: Model.Value, _ other: Model.Value) -> Bool {
    guard let first = shapes[one], let second = shapes[other], first.last == second.last else {
      return false
    }
    let rest = [first, second].map { $0.dropLast().filter { $0 != .fixed(1) } }
    return rest[0] == rest[1] && rest[0].count <= 1
  }

  func isState(_ part: Part) -> Bool {
    states.contains(part.value) && isWhole(part)
  }

  func isWhole(_ part: Part) -> Bool {
    part.start == 0 && shapes[part.value]?.last == .fixed(part.count)
  }

  /// The width of a value.
  func width(_ value: Model.Value) -> Int { shapes[value]?.last?.value ?? 0 }

  /// The function of which a value is a result, element by element, and its argument.
  func activated(_ part: Part) -> (Activation, Part)? {
    guard let node = producers[Name(part.value.node)], case .activation(let function) = node.layer,
      node.layer.traits.isElementwise
    else { return nil }
    return (
      function, source(of: Part(value: node.inputs[0], start: part.start, count: part.count))
    )
  }

  /// Both operands, of the shape of the result.
  func operands(_ function: Binary.Function, _ part: Part) -> (Part, Part)? {
    guard let node = producers[Name(part.value.node)], case .binary(let binary) = node.layer,
      binary.function == function, node.inputs.count == 2,
      node.inputs.allSatisfy({ hasSameElements($0, part.value) })
    else { return nil }
    let both = node.inputs.map {
      source(of: Part(value: $0, start: part.start, count: part.count))
    }
    return (both[0], both[1])
  }

  /// Both operands in both orders; none for another function.
  func pairs(_ function: Binary.Function, _ part: Part) -> [(Part, Part)] {
    operands(function, part).map { [($0.0, $0.1), ($0.1, $0.0)] } ?? []
  }

  /// Whether a value is 1 less another one.
  func isRest(_ part: Part, of gate: Part) -> Bool {
    guard let node = producers[Name(part.value.node)], case .binary(let binary) = node.layer,
      binary.function == .subtract, node.inputs.count == 1,
      binary.left.constant?.elements.allSatisfy({ $0 == 1 }) ?? false
    else { return false }
    return source(of: Part(value: node.inputs[0], start: part.start, count: part.count)) == gate
  }

  /// A gate: a function of a sum.
  func gateSum(_ part: Part) -> (function: Activation, sum: Affine)? {
    guard let (function, inner) = activated(part), let sum = affine(inner) else { return nil }
    return (function, sum)
  }

  /// The sum of products that a value is.
  func affine(_ part: Part, depth: Int = 0) -> Affine? {
    guard depth < 16, let node = producers[Name(part.value.node)] else { return nil }
    let rows = part.start..<part.start + part.count
    switch node.layer {
    case .dense(let dense) where dense.activation == .linear:
      guard shapes[node.inputs[0]]?.count == 2, rows.upperBound <= dense.outputSize else {
        return nil
      }
      var sum = Affine(terms: terms(node.inputs[0], dense.kernel.slice(axis: 0, rows)))
      if let bias = dense.bias { sum.biases = [bias.slice(axis: 0, rows).doubles()] }
      return sum
    case .binary(let binary) where binary.function == .add:
      if let (one, other) = operands(.add, part) {
        guard var sum = affine(one, depth: depth + 1), let more = affine(other, depth: depth + 1)
        else { return nil }
        sum.add(more)
        return sum
      }
      guard node.inputs.count == 1, shapes[node.inputs[0]] == shapes[part.value],
        let constant = binary.left.constant ?? binary.right.constant,
        var sum = affine(
          source(of: Part(value: node.inputs[0], start: part.start, count: part.count)),
          depth: depth + 1)
      else { return nil }
      let isRow = constant.shape.last == constant.elements.count
      guard isRow ? constant.elements.count >= rows.upperBound : constant.elements.count == 1 else {
        return nil
      }
      sum.biases.append(
        isRow && constant.elements.count > 1
          ? Array(constant.elements[rows])
          : [Double](repeating: constant.elements[0], count: part.count))
      return sum
    case .input:
      // A product that was computed for all timesteps before.
      guard !states.contains(part.value), shapes[part.value]?.count == 2,
        let identity = identity(rows, width: width(part.value))
      else { return nil }
      return Affine(terms: [Affine.Term(input: part.value, kernel: identity)])
    default: return nil
    }
  }

  /// A product with joined values is a sum of products.
  private func terms(_ input: Model.Value, _ kernel: Tensor) -> [Affine.Term] {
    guard let node = producers[Name(input.node)], case .merge(.concatenate(let axis)) = node.layer,
      axis == 1 || axis == -1
    else { return [Affine.Term(input: part(input).value, kernel: kernel)] }
    var (all, start): ([Affine.Term], Int) = ([], 0)
    for part in node.inputs {
      let columns = start..<start + width(part)
      all.append(Affine.Term(input: part, kernel: kernel.slice(axis: 1, columns)))
      start = columns.upperBound
    }
    return all
  }

  private func identity(_ rows: Range<Int>, width: Int) -> Tensor? {
    guard width > 0, width <= 4096, rows.upperBound <= width else { return nil }
    let numbers = rows.flatMap { row in (0..<width).map { $0 == row ? 1.0 : 0 } }
    return try? Tensor.numbers(numbers, .float32, shape: [rows.count, width])
  }

  // MARK: weights

  /// The one state and the one other value of which all sums are.
  func operands(of sums: [Affine]) -> (x: Model.Value, h: Model.Value)? {
    let inputs = Set(sums.flatMap(\.terms).map(\.input))
    let (own, others) = (inputs.intersection(states), inputs.subtracting(states))
    guard own.count == 1, others.count == 1, let h = own.first, let x = others.first else {
      return nil
    }
    return (x, h)
  }

  /// The weights of a cell; `recurrentBiases` are those of gates whose biases stay two.
  func weights<Gate: RecurrentGate>(
    _ sums: [Gate: Affine], _ x: Model.Value, _ h: Model.Value,
    recurrentBiases: [Gate: [Double]?] = [:]
  ) -> RecurrentWeights<Gate>? {
    let type = sums.values.flatMap(\.terms).first?.kernel.elementType ?? .float32
    var parts: [Gate: (kernel: Tensor, recurrent: Tensor, biases: [[Double]])] = [:]
    for gate in Gate.allCases {
      guard let sum = sums[gate], let count = sum.terms.first?.kernel.shape[0],
        let kernel = kernel(of: x, in: sum, count, type),
        let recurrent = kernel.0 == nil ? nil : self.kernel(of: h, in: sum, count, type),
        let own = kernel.0, let other = recurrent.0,
        kernel.count + recurrent.count == sum.terms.count
      else { return nil }
      var biases = sum.biases
      if let second = recurrentBiases[gate] {
        let none = [Double](repeating: 0, count: count)
        biases = [sum.bias ?? none, second ?? none]
      } else if biases.count > 2 {
        biases = [biases[0], Affine(biases: Array(biases.dropFirst())).bias ?? biases[1]]
      }
      parts[gate] = (own, other, biases)
    }
    func map(_ part: (Gate) -> Tensor?) -> GateMap<Gate, Tensor>? {
      var found: [Gate: Tensor] = [:]
      for gate in Gate.allCases { found[gate] = part(gate) }
      guard found.count == Gate.allCases.count, let any = found.values.first else { return nil }
      return GateMap { found[$0] ?? any }
    }
    /// The biases of this position; zeros for a gate that has fewer.
    func bias(_ index: Int) -> GateMap<Gate, Tensor>? {
      map { gate in
        guard let part = parts[gate] else { return nil }
        let count = part.kernel.shape[0]
        let numbers =
          part.biases.indices.contains(index)
          ? part.biases[index] : [Double](repeating: 0, count: count)
        return try? Tensor.numbers(numbers, type, shape: [count])
      }
    }
    guard let kernels = map({ parts[$0]?.kernel }), let recurrents = map({ parts[$0]?.recurrent })
    else { return nil }
    let most = parts.values.map(\.biases.count).max() ?? 0
    var own = RecurrentWeights<Gate>.Bias.none
    if most == 1 {
      guard let single = bias(0) else { return nil }
      own = .single(single)
    } else if most > 1 {
      guard let input = bias(0), let recurrent = bias(1) else { return nil }
      own = .split(input: input, recurrent: recurrent)
    }
    return RecurrentWeights(kernel: kernels, recurrentKernel: recurrents, bias: own)
  }

  /// The kernel of a value in a sum: zeros where it is in none, nothing where it is in several.
  private func kernel(
    of input: Model.Value, in sum: Affine, _ rows: Int, _ type: ElementType
  ) -> (Tensor?, count: Int)? {
    let own = sum.terms.filter { $0.input == input }
    guard own.count <= 1 else { return nil }
    if let term = own.first { return (term.kernel, 1) }
    let width = width(input)
    let zeros = [Double](repeating: 0, count: rows * width)
    return (try? Tensor.numbers(zeros, type, shape: [rows, width]), 0)
  }
}
