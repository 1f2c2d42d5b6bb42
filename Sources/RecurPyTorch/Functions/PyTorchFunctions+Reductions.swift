import RecurModel
import RecurTensors

// One number for all elements along some axes.
extension PyTorchFunctions {
  /// Sums, means, extremes and norms.
  static let reductions: [PyTorchFunction] = plainReductions + otherReductions

  private static let plainReductions: [PyTorchFunction] =
    ([
      ("mean", .mean), ("sum", .sum), ("amax", .maximum), ("amin", .minimum), ("prod", .product),
      ("any", .any), ("all", .all), ("logsumexp", .logSumExp),
    ] as [(name: String, function: Reduction.Function)]).map {
      (name: String, function: Reduction.Function) in
      PyTorchFunction("\(name)(self, dim=None, keepdim=False, dtype=None)") {
        call throws(PyTorchFunctionProblem) in
        .tensor(try call.reduced(function, try call.tensor("self")))
      }
    }

  private static let otherReductions: [PyTorchFunction] = [
    extreme("max", .maximum, .maximum), extreme("min", .minimum, .minimum),
    PyTorchFunction("var(self, dim=None, unbiased=None, keepdim=False, correction=None)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.variance())
    },
    PyTorchFunction("std(self, dim=None, unbiased=None, keepdim=False, correction=None)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.add(.unary(.squareRoot), try call.variance()))
    },
    PyTorchFunction("norm(self, p=2, dim=None, keepdim=False, dtype=None)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.norm(call["p"]))
    },
    PyTorchFunction("vector_norm(self, ord=2, dim=None, keepdim=False, dtype=None)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.norm(call["ord"]))
    },
    PyTorchFunction("cosine_similarity(x1, x2, dim=1, eps=1e-8)") {
      call throws(PyTorchFunctionProblem) in
      var units: [PyTorchTensor] = []
      for name in ["x1", "x2"] {
        let x = try call.tensor(name)
        let norm = UnitNormalization(
          axes: [try call.axis("dim", of: x)], epsilon: try call.number("eps"))
        units.append(try call.add(.unitNormalization(norm), x))
      }
      let product = try call.binary(.multiply, .tensor(units[0]), .tensor(units[1]))
      let axis = try call.axis("dim", of: product)
      return .tensor(
        try call.add(.reduction(Reduction(.sum, axes: [axis], keepsAxes: false)), product))
    },
  ]

  /// The larger of two numbers, the largest along an axis with its position, or the largest of all.
  private static func extreme(
    _ name: String, _ function: Reduction.Function, _ ofTwo: Binary.Function
  ) -> PyTorchFunction {
    PyTorchFunction("\(name)(self, dim=None, keepdim=False, other=None)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let other = call["other"].isNone ? call["dim"] : call["other"]
      if other.tensor != nil { return .tensor(try call.binary(ofTwo, .tensor(x), other)) }
      let value = try call.reduced(function, x)
      guard !call["dim"].isNone else { return .tensor(value) }
      return .list([.tensor(value), try call.position(of: function, x)])
    }
  }
}

extension PyTorchFunctionCall {
  /// A reduction over `dim`, all axes by default.
  mutating func reduced(
    _ function: Reduction.Function, _ x: PyTorchTensor
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let axes = try axes("dim", of: x)
    guard !axes.isEmpty else { return x }
    return try add(
      .reduction(Reduction(function, axes: axes, keepsAxes: try flag("keepdim"))), x)
  }

  /// The position of the largest or smallest element along `dim`.
  mutating func position(
    of function: Reduction.Function, _ x: PyTorchTensor
  ) throws(PyTorchFunctionProblem) -> PyTorchArgument {
    .unavailable("the positions of largest and smallest elements are not supported")
  }

  /// The variance over `dim`; torch divides by one less than the number of elements by default.
  mutating func variance() throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let x = try tensor("self")
    var correction = 1.0
    switch self["unbiased"] {
    case .none: break
    case .bool(let isUnbiased): correction = isUnbiased ? 1 : 0
    default: throw wrong("unbiased", "True or False")
    }
    if !self["correction"].isNone { correction = try number("correction") }
    let value = try reduced(.variance, x)
    guard correction != 0 else { return value }
    var count = 1
    for axis in try axes("dim", of: x) {
      let (product, overflow) = count.multipliedReportingOverflow(by: try extent(x, axis))
      guard !overflow else { throw PyTorchFunctionProblem("too many elements") }
      count = product
    }
    guard Double(count) > correction else {
      throw PyTorchFunctionProblem("\(count) elements have no variance with this correction")
    }
    return try binary(.multiply, value, Double(count) / (Double(count) - correction))
  }

  /// A norm over `dim`.
  mutating func norm(
    _ order: PyTorchArgument
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let x = try tensor("self")
    switch order {
    case .none, .text("fro"): return try reduced(.l2Norm, x)
    default: break
    }
    switch order.number {
    case 1: return try reduced(.l1Norm, x)
    case 2: return try reduced(.l2Norm, x)
    case .infinity: return try reduced(.maximum, try add(.unary(.absolute), x))
    case -.infinity: return try reduced(.minimum, try add(.unary(.absolute), x))
    case let p? where p > 0:
      let powers = try binary(.power, try add(.unary(.absolute), x), p)
      return try binary(.power, try reduced(.sum, powers), 1 / p)
    default: throw PyTorchFunctionProblem("a norm of order \(order.text) is not supported")
    }
  }
}
