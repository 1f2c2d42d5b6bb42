import RecurContainers
import RecurModel
import RecurTensors

// Operators of every element by itself, and reductions.
extension Activation {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [try writer.activation(self, call.x, named: call.node.name)]
  }
}

extension Unary {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [writer.add("torch.\(function)", call.x, named: call.node.name)]
  }
}

extension Binary {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let word =
      switch function {
      case .add: "add"
      case .subtract: "sub"
      case .multiply: "mul"
      case .divide: "div"
      case .floorDivide: "floor_divide"
      case .modulo: "remainder"
      case .power: "pow"
      case .maximum: "maximum"
      case .minimum: "minimum"
      case .equal: "eq"
      case .notEqual: "ne"
      case .less: "lt"
      case .lessOrEqual: "le"
      case .greater: "gt"
      case .greaterOrEqual: "ge"
      case .and: "logical_and"
      case .or: "logical_or"
      case .exclusiveOr: "logical_xor"
      }
    return [writer.operands("torch.\(word)", [left, right], call)]
  }
}

extension Where {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [writer.operands("torch.where", [onTrue, onFalse], call, first: [call.x])]
  }
}

extension MatrixProduct {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [writer.operands("torch.matmul", [left, right], call)]
  }
}

extension Clamp {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [
      writer.add(
        "torch.clamp", call.x, named: call.node.name,
        [
          ("min", minimum.map { .number($0) } ?? .null),
          ("max", maximum.map { .number($0) } ?? .null),
        ])
    ]
  }
}

extension Casting {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [
      writer.add(
        "Tensor.to", call.x, named: call.node.name, [("dtype", .string("torch.\(type)"))])
    ]
  }
}

extension Softmax {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    guard axes.count == 1 else { throw PyTorchFunctionProblem("it works along several axes") }
    return [
      writer.add(
        isLogarithm ? "torch.log_softmax" : "torch.softmax", call.x, named: call.node.name,
        [("dim", .integer(axes[0]))])
    ]
  }
}

extension Reduction {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    var options: PyTorchDeclarationWriter.Options = [
      ("dim", .array(axes.map { .integer($0) })), ("keepdim", .bool(keepsAxes)),
    ]
    let word: String
    switch function {
    case .mean: word = "mean"
    case .sum: word = "sum"
    case .maximum: word = "amax"
    case .minimum: word = "amin"
    case .product: word = "prod"
    case .any: word = "any"
    case .all: word = "all"
    case .logSumExp: word = "logsumexp"
    case .variance, .standardDeviation:
      word = function == .variance ? "var" : "std"
      options.append(("unbiased", false))
    case .l1Norm, .l2Norm:
      word = "norm"
      options.append(("p", function == .l1Norm ? 1 : 2))
    }
    return [writer.add("torch.\(word)", call.x, named: call.node.name, options)]
  }
}

extension NotEqual {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [writer.add("torch.ne", call.x, named: call.node.name, [("other", .number(value))])]
  }
}

extension AnyTrue {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    [
      writer.add(
        "torch.any", call.x, named: call.node.name,
        [("dim", .integer(axis)), ("keepdim", .bool(keepsAxis))])
    ]
  }
}

extension Identity {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let known = PyTorchClass.named("nn.\(className)") != nil
    return [
      writer.add(known ? "nn.\(className)" : "nn.Identity", call.x, named: call.node.name)
    ]
  }
}

extension Scaling {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    func values(_ numbers: [Double]) -> JSONValue {
      numbers.count == 1
        ? .number(numbers[0])
        : ["array": .array(numbers.map { .number($0) }), "dtype": "float64"]
    }
    let product = writer.add(
      "torch.mul", [.string(call.x), values(scale)], named: "\(call.node.name).product")
    return [writer.add("torch.add", [.string(product), values(offset)], named: call.node.name)]
  }
}

extension Standardization {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let name = call.node.name
    let mean = mean.declared
    let roots = variance.doubles().map { max($0.squareRoot(), Self.epsilon) }
    let deviation: JSONValue =
      variance.rank == 0
      ? .number(roots[0])
      : ["array": .array(roots.map { .number($0) }), "dtype": "float64"]
    guard !isInverse else {
      let product = writer.add(
        "torch.mul", [.string(call.x), deviation], named: "\(name).product")
      return [writer.add("torch.add", [.string(product), mean], named: name)]
    }
    let difference = writer.add(
      "torch.sub", [.string(call.x), mean], named: "\(name).difference")
    return [writer.add("torch.div", [.string(difference), deviation], named: name)]
  }
}

extension Merge {
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] {
    let (name, all) = (call.node.name, call.inputs.map { JSONValue.string($0) })
    let rank = call.shapes.map(\.count).max() ?? 0
    guard call.shapes.allSatisfy({ $0.count == rank }) else {
      throw PyTorchFunctionProblem("its inputs differ in their number of axes")
    }
    func folded(_ type: String) -> String {
      guard all.count > 1 else { return call.x }
      return all.dropFirst().enumerated().reduce(call.x) { sum, next in
        writer.add(
          type, [.string(sum), next.element],
          named: next.offset == all.count - 2 ? name : "\(name).part")
      }
    }
    switch self {
    case .add: return [folded("torch.add")]
    case .subtract: return [folded("torch.sub")]
    case .multiply: return [folded("torch.mul")]
    case .maximum: return [folded("torch.maximum")]
    case .minimum: return [folded("torch.minimum")]
    case .average:
      let sum = folded("torch.add")
      return [writer.add("torch.div", sum, named: name, [("other", .integer(all.count))])]
    case .concatenate(let axis):
      return [writer.add("torch.cat", all, named: name, [("dim", .integer(axis))])]
    case .stack(let axis):
      return [writer.add("torch.stack", all, named: name, [("dim", .integer(axis))])]
    case .dot: throw .hasNoWords
    }
  }
}
