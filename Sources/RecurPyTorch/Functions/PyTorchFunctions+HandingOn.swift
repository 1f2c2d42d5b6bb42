import RecurModel
import RecurTensors

// What changes no number, or only its type.
extension PyTorchFunctions {
  /// Copies, dropout in evaluation, and element types.
  static let handingOn: [PyTorchFunction] = copies + dropouts + types + casts

  private static let copies: [PyTorchFunction] = [
    "contiguous", "clone", "detach", "cpu", "cuda", "alias", "lift_fresh_copy", "positive",
    "requires_grad_", "detach_", "identity", "resolve_conj",
  ].map { name in
    PyTorchFunction("\(name)(self)") { call throws(PyTorchFunctionProblem) in call["self"] }
  }

  private static let dropouts: [PyTorchFunction] = [
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout",
  ].map { name in
    PyTorchFunction("\(name)(self, p=0.5, training=False, train=False)") {
      call throws(PyTorchFunctionProblem) in
      try call.refuseTraining()
      try call.refuseTraining("train")
      return call["self"]
    }
  }

  private static let types: [PyTorchFunction] =
    ([
      ("float", .float32), ("double", .float64), ("half", .float16), ("bfloat16", .bfloat16),
      ("long", .int64), ("int", .int32), ("bool", .bool),
    ] as [(name: String, type: ElementType)]).map { (name: String, type: ElementType) in
      PyTorchFunction("\(name)(self)") { call throws(PyTorchFunctionProblem) in
        .tensor(try call.cast(try call.tensor("self"), to: type))
      }
    }

  private static let casts: [PyTorchFunction] = [
    PyTorchFunction("to(self, dtype=None, other=None)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      for name in ["dtype", "other"] {
        if case .type(let type) = call[name] { return .tensor(try call.cast(x, to: type)) }
      }
      // A device.
      return .tensor(x)
    },
    PyTorchFunction("type(self, dtype)") { call throws(PyTorchFunctionProblem) in
      guard case .type(let type) = call["dtype"] else { throw call.wrong("dtype", "a type") }
      return .tensor(try call.cast(try call.tensor("self"), to: type))
    },
    PyTorchFunction("type_as(self, other)") { call throws(PyTorchFunctionProblem) in
      let (x, other) = (try call.tensor("self"), try call.tensor("other"))
      switch other.kind {
      case .floatingPoint: return .tensor(try call.cast(x, to: .float32))
      case .integer: return .tensor(try call.cast(x, to: .int64))
      case .boolean: return .tensor(try call.cast(x, to: .bool))
      }
    },
  ]
}

extension PyTorchFunctionCall {
  /// The numbers in another type; floating-point numbers stay as they are in the model's precision.
  mutating func cast(
    _ x: PyTorchTensor, to type: ElementType
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    guard type.isArithmetic || !type.isFloatingPoint, !type.isComplex else {
      throw PyTorchFunctionProblem("the type \(type) is not supported")
    }
    let isSame = type == .bool ? x.kind == .boolean : type == .int64 && x.kind == .integer
    let isFloat = x.kind == .floatingPoint && (type == .float32 || type == .float64)
    guard !isSame, !isFloat else { return x }
    return try add(.casting(Casting(to: type)), x)
  }
}
