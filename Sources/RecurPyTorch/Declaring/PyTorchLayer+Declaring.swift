import RecurContainers
import RecurModel
import RecurTensors

extension PyTorchFunctionProblem {
  /// The reason of a kind that no module and no function of torch computes.
  static let hasNoWords = PyTorchFunctionProblem("torch has neither a module nor functions for it")
}

extension PyTorchDeclarationWriter {
  /// Adds an activation.
  mutating func activation(
    _ activation: Activation, _ x: String, named name: String
  ) throws(PyTorchFunctionProblem) -> String {
    func word(_ type: String, _ options: Options = []) -> String {
      add(type, x, named: name, options)
    }
    switch activation {
    case .linear: return x
    case .exponential: return word("torch.exp")
    case .leakyReLU(let slope): return word("F.leaky_relu", [("negative_slope", .number(slope))])
    case .elu(let alpha): return word("F.elu", [("alpha", .number(alpha))])
    case .celu(let alpha): return word("F.celu", [("alpha", .number(alpha))])
    case .softShrink(let threshold): return word("F.softshrink", [("lambd", .number(threshold))])
    case .hardShrink(let threshold): return word("F.hardshrink", [("lambd", .number(threshold))])
    case .gelu(isApproximate: true): return word("F.gelu", [("approximate", "tanh")])
    case .softmax: return word("torch.softmax", [("dim", -1)])
    case .logSoftmax: return word("torch.log_softmax", [("dim", -1)])
    case .glu: return word("F.glu", [("dim", -1)])
    case .threshold(let at, let otherwise):
      return word("F.threshold", [("threshold", .number(at)), ("value", .number(otherwise))])
    case .sparsemax: throw .hasNoWords
    default: break
    }
    if let composed = composed(activation, x, named: name) { return composed }
    let known = PyTorchActivationWords.functions.filter { $0.value == activation }.keys.sorted()
    guard let function = known.first else { throw .hasNoWords }
    return word("F.\(function)")
  }

  /// An activation that torch lacks, made of functions; nil for any other.
  private mutating func composed(
    _ activation: Activation, _ x: String, named name: String
  ) -> String? {
    func number(_ type: String, _ x: String, _ value: Double) -> String {
      add(type, x, named: "\(name).part", [("other", .number(value))])
    }
    func clamp(_ x: String, _ low: Double?, _ high: Double?) -> String {
      add(
        "torch.clamp", x, named: "\(name).part",
        [("min", low.map { .number($0) } ?? .null), ("max", high.map { .number($0) } ?? .null)])
    }
    func choice(_ condition: String, _ onTrue: String, _ onFalse: String) -> String {
      add("torch.where", [condition, onTrue, onFalse].map { .string($0) }, named: name)
    }
    switch activation {
    case .hardSigmoid(let slope, let offset) where activation != .hardSigmoidOfSixths:
      return clamp(number("torch.add", number("torch.mul", x, slope), offset), 0, 1)
    case .sparseSigmoid:
      return clamp(number("torch.div", number("torch.add", x, 1), 2), 0, 1)
    case .sparsePlus:
      let square = add(
        "torch.square", clamp(number("torch.add", x, 1), 0, nil), named: "\(name).part")
      return choice(number("torch.lt", x, 1), number("torch.div", square, 4), x)
    case .squareplus(let b):
      let square = add("torch.square", x, named: "\(name).part")
      let root = add("torch.sqrt", number("torch.add", square, b), named: "\(name).part")
      let sum = add("torch.add", [.string(x), .string(root)], named: "\(name).part")
      return number("torch.div", sum, 2)
    case .rectifier(let maximum, let slope, let threshold):
      let above = maximum.map { clamp(x, nil, $0) } ?? x
      let below = number("torch.mul", number("torch.sub", x, threshold), slope)
      return choice(number("torch.ge", x, threshold), above, below)
    default: return nil
    }
  }

  /// Adds an operator whose operands are inputs or constants.
  mutating func operands(
    _ type: String, _ operands: [Operand], _ call: PyTorchDeclaredCall, first: [String] = []
  ) -> String {
    var rest = call.inputs.dropFirst(first.count)
    let values = operands.map { operand -> JSONValue in
      switch operand {
      case .input: .string(rest.popFirst() ?? call.x)
      case .constant(let constant): constant.json
      }
    }
    return add(type, first.map { .string($0) } + values, named: call.node.name)
  }
}

extension Operand.Constant {
  /// The constant in a declaration.
  fileprivate var json: JSONValue {
    func number(_ value: Double) -> JSONValue {
      isWhole && value.magnitude < 1e15 ? .integer(Int(value)) : .number(value)
    }
    guard !shape.isEmpty else { return number(elements[0]) }
    var rest = elements[...]
    func nested(_ shape: ArraySlice<Int>) -> JSONValue {
      guard let extent = shape.first else { return number(rest.popFirst() ?? 0) }
      return .array((0..<extent).map { _ in nested(shape.dropFirst()) })
    }
    return ["array": nested(shape[...]), "dtype": .string(isWhole ? "int64" : "float64")]
  }
}

extension Tensor {
  /// The numbers in a declaration.
  var declared: JSONValue {
    var rest = doubles()[...]
    func nested(_ shape: ArraySlice<Int>) -> JSONValue {
      guard let extent = shape.first else { return .number(rest.popFirst() ?? 0) }
      return .array((0..<extent).map { _ in nested(shape.dropFirst()) })
    }
    return rank == 0
      ? .number(rest.first ?? 0) : ["array": nested(shape[...]), "dtype": "float64"]
  }
}
