import RecurModel
import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Names that Python and libraries define, as far as they matter to models.
enum SourceBuiltins {
  static let names: Set = [
    "len", "range", "zip", "enumerate", "int", "float", "bool", "str", "list", "tuple", "dict",
    "set",
    "max", "min", "sum", "abs", "isinstance", "issubclass", "getattr", "hasattr", "setattr",
    "print",
    "super", "reversed", "sorted", "type", "round", "any", "all", "map", "filter", "object",
    "property", "staticmethod", "classmethod", "ValueError", "NotImplementedError", "Exception",
    "RuntimeError", "TypeError", "AssertionError", "pow", "divmod", "callable", "id", "open",
    "input",
    "exit", "iter", "next", "slice", "repr", "format", "vars", "dir", "globals", "locals", "eval",
  ]

  /// What names mean by convention that a library hands on: `from fastai.basics import *`.
  static let conventional = [
    "torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "np": "numpy", "math": "math",
    "Tensor": "torch.Tensor", "Module": "torch.nn.Module",
  ]

  /// A constant of a library.
  static func constant(_ name: String) -> SourceValue? {
    switch name {
    case "math.pi", "numpy.pi", "np.pi", "torch.pi": .plain(.number(.pi))
    case "math.e", "numpy.e": .plain(.number(M_E))
    case "math.inf", "numpy.inf", "torch.inf", "np.inf": .plain(.number(.infinity))
    case "math.nan", "numpy.nan", "torch.nan": .plain(.number(.nan))
    default: nil
    }
  }

  /// The element type that a name of torch stands for.
  static func elementType(_ name: String) -> ElementType? {
    switch name {
    case "torch.float32", "torch.float", "builtins.float", "torch.FloatTensor",
      "torch.cuda.FloatTensor",
      "numpy.float32":
      .float32
    case "torch.float64", "torch.double", "torch.DoubleTensor": .float64
    case "torch.float16", "torch.half": .float16
    case "torch.bfloat16": .bfloat16
    case "torch.int64", "torch.long", "builtins.int", "torch.LongTensor", "torch.cuda.LongTensor":
      .int64
    case "torch.int32", "torch.int": .int32
    case "torch.int16", "torch.short": .int16
    case "torch.int8": .int8
    case "torch.uint8": .uint8
    case "torch.bool", "builtins.bool": .bool
    default: nil
    }
  }

  static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }

  /// A function of `math` or NumPy with one number.
  static func function(_ name: String) -> ((Double) -> Double)? {
    switch name {
    case "sqrt": { $0.squareRoot() }
    case "floor": { $0.rounded(.down) }
    case "ceil": { $0.rounded(.up) }
    case "log": { log($0) }
    case "log2": { log2($0) }
    case "log10": { log10($0) }
    case "exp": { exp($0) }
    case "fabs", "abs": { $0.magnitude }
    case "cos": { cos($0) }
    case "sin": { sin($0) }
    case "tanh": { tanh($0) }
    default: nil
    }
  }
}

extension SourceValue {
  /// Whether it is a value of a type of Python's own, or an array; nil for any other type.
  func isInstance(of type: String) -> Bool? {
    switch type {
    case "builtins.int": dimension != nil
    case "builtins.float": if case .plain(.number) = self { true } else { false }
    case "builtins.str": text != nil
    case "builtins.bool": flag != nil
    case "builtins.list", "typing.List": if case .list = self { true } else { false }
    case "builtins.tuple": if case .tuple = self { true } else { false }
    case "builtins.dict": if case .dictionary = self { true } else { false }
    case "torch.Tensor", "types.Tensor":
      if case .argument = self { true } else { array != nil }
    default: nil
    }
  }

  /// Whether the value comes from a library that is not known: it may be a number or a text.
  var isForeign: Bool {
    guard case .library(let name) = self, !name.hasPrefix("\u{1}") else { return false }
    let known = ["torch", "builtins", "math", "numpy", "np", "collections", "typing", "functools"]
    return !known.contains(name.split(separator: ".").first.map(String.init) ?? name)
  }
}
