import RecurContainers
import RecurModel

/// The names of activations in torch.
enum PyTorchActivationWords {
  /// The functions of torch and torch.nn.functional, with their default arguments.
  static let functions: [String: Activation] = [
    "linear": .linear, "identity": .linear, "relu": .relu, "relu6": .relu6,
    "leaky_relu": .leakyReLU(slope: 0.01), "elu": .elu(alpha: 1), "selu": .selu,
    "celu": .celu(alpha: 1), "sigmoid": .sigmoid, "hardsigmoid": .hardSigmoidOfSixths,
    "logsigmoid": .logSigmoid, "tanh": .tanh, "hardtanh": .hardTanh, "tanhshrink": .tanhShrink,
    "softmax": .softmax, "log_softmax": .logSoftmax, "softplus": .softplus,
    "softsign": .softsign, "softshrink": .softShrink(threshold: 0.5),
    "hardshrink": .hardShrink(threshold: 0.5), "exp": .exponential, "silu": .silu,
    "hardswish": .hardSilu, "gelu": .gelu(isApproximate: false), "mish": .mish, "glu": .glu,
  ]

  /// The module classes without arguments, and the functions that they apply.
  private static let modules: [String: String] = [
    "nn.ReLU": "relu", "nn.ReLU6": "relu6", "nn.SELU": "selu", "nn.Sigmoid": "sigmoid",
    "nn.Hardsigmoid": "hardsigmoid", "nn.LogSigmoid": "logsigmoid", "nn.Tanh": "tanh",
    "nn.Tanhshrink": "tanhshrink", "nn.Softsign": "softsign", "nn.SiLU": "silu",
    "nn.Hardswish": "hardswish", "nn.Mish": "mish",
  ]

  /// The module classes with arguments that change numbers, and torch's defaults for them.
  private static let withArguments: [(name: String, options: [String: JSONValue])] = [
    ("nn.LeakyReLU", ["negative_slope": 0.01]), ("nn.ELU", ["alpha": 1.0]),
    ("nn.CELU", ["alpha": 1.0]), ("nn.Softplus", ["beta": 1.0, "threshold": 20.0]),
    ("nn.Softshrink", ["lambd": 0.5]), ("nn.Hardshrink", ["lambd": 0.5]),
    ("nn.Hardtanh", ["min_val": -1.0, "max_val": 1.0]),
    ("nn.Threshold", ["threshold": nil, "value": nil]), ("nn.GELU", ["approximate": "none"]),
    ("nn.Softmax", ["dim": nil]), ("nn.LogSoftmax", ["dim": nil]), ("nn.GLU", ["dim": nil]),
  ]

  /// Every class of an activation.
  static let classes = modules.keys.sorted().map { (name: $0, options: [:]) } + withArguments

  /// The module as a function of torch, where no activation computes it: other bounds of nn.Hardtanh,
  /// an inner axis of nn.Softmax.
  static func function(
    _ type: String, _ options: inout PyTorchOptions, rank: Int
  ) -> PyTorchModuleReader.Module? {
    let given = options.layer.options
    switch type {
    case "nn.Softmax", "nn.LogSoftmax", "nn.GLU":
      guard let dim = given["dim"]?.integer, dim != -1, dim != rank - 1, rank > 0 else {
        return nil
      }
      _ = options.integer("dim")
      let name = type == "nn.Softmax" ? "softmax" : type == "nn.GLU" ? "glu" : "log_softmax"
      return .function(name, [("dim", .integer(dim))])
    case "nn.Softplus":
      guard let beta = given["beta"]?.double, beta != 1 else { return nil }
      return .function(
        "softplus",
        [
          ("beta", .number(options.number("beta", 1))),
          ("threshold", .number(options.number("threshold", 20))),
        ])
    case "nn.Hardtanh":
      options.ignore("inplace")
      let (low, high) = (options.number("min_val", -1), options.number("max_val", 1))
      guard (low, high) != (-1, 1), (low, high) != (0, 6) else { return nil }
      return .function("hardtanh", [("min_val", .number(low)), ("max_val", .number(high))])
    default: return nil
    }
  }

  /// The function of a module on a value with `rank` axes; nil when `type` is not an activation, or
  /// when an option was refused.
  static func activation(
    _ type: String, _ options: inout PyTorchOptions, rank: Int
  ) -> Activation? {
    options.ignore("inplace")
    switch type {
    case "nn.LeakyReLU": return .leakyReLU(slope: options.number("negative_slope", 0.01))
    case "nn.ELU": return .elu(alpha: options.number("alpha", 1))
    case "nn.CELU": return .celu(alpha: options.number("alpha", 1))
    case "nn.Softplus":
      // Beyond its threshold, torch's softplus is x itself; at the threshold 20 this differs by
      // less than 2.1e-9.
      _ = options.number("beta", 1)
      if options.number("threshold", 20) < 20 { options.refuse("threshold", "only 20 and more is") }
      return .softplus
    case "nn.Softshrink": return .softShrink(threshold: options.number("lambd", 0.5))
    case "nn.Hardshrink": return .hardShrink(threshold: options.number("lambd", 0.5))
    case "nn.Hardtanh":
      let (low, high) = (options.number("min_val", -1), options.number("max_val", 1))
      if (low, high) == (0, 6) { return .relu6 }
      return .hardTanh
    case "nn.Threshold":
      return .threshold(at: options.number("threshold", 0), otherwise: options.number("value", 0))
    case "nn.GELU":
      return .gelu(isApproximate: options.word("approximate", ["none", "tanh"]) == "tanh")
    case "nn.Softmax", "nn.LogSoftmax", "nn.GLU":
      let dim = options.integer("dim") ?? (type == "nn.GLU" ? -1 : nil)
      guard let dim, dim == -1 || dim == rank - 1 else {
        options.refuse("dim", "only the last axis, -1, is, and it has to be declared")
        return nil
      }
      return type == "nn.Softmax" ? .softmax : type == "nn.GLU" ? .glu : .logSoftmax
    default: return modules[type].flatMap { functions[$0] }
    }
  }
}
