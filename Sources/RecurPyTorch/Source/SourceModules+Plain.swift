import RecurModel
import RecurTensors

// Modules without weights, and containers.
extension SourceModules {
  /// A module that is a function: its constructor, the function, and the options that it hands on.
  private static func function(
    _ signature: String, _ name: String, _ options: String...
  ) -> SourceModuleKind {
    SourceModuleKind(signature) { interpreter, object, arguments throws(SourceStop) in
      let x = try interpreter.operand(arguments)
      let result = try interpreter.apply(name, x, object, options)
      if object["inplace"]?.flag == true { try interpreter.change(x) }
      return result
    }
  }

  private static func nothing(_ signature: String) -> SourceModuleKind {
    SourceModuleKind(signature) { interpreter, object, arguments throws(SourceStop) in
      let value = arguments.value("input", at: 0) ?? .none
      if case .argument(let name) = value { return .plain(try interpreter.input(name)) }
      return value
    }
  }

  static let plain: [SourceModuleKind] =
    [
      ("ReLU", "relu"), ("Tanh", "tanh"), ("Sigmoid", "sigmoid"), ("SiLU", "silu"),
      ("Mish", "mish"), ("Hardswish", "hardswish"), ("Hardsigmoid", "hardsigmoid"),
      ("ReLU6", "relu6"), ("SELU", "selu"), ("LogSigmoid", "logsigmoid"),
      ("Softsign", "softsign"), ("Tanhshrink", "tanhshrink"),
    ].map { function("\($0)(inplace=False)", $1) }
    + ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"].map
  {
    nothing("\($0)(p=0.5, inplace=False)")
  }
    + [
      SourceModuleKind("Identity()") { interpreter, _, arguments throws(SourceStop) in
        .plain(try interpreter.operand(arguments))
      },
      function("LeakyReLU(negative_slope=0.01, inplace=False)", "leaky_relu", "negative_slope"),
      function("ELU(alpha=1.0, inplace=False)", "elu", "alpha"),
      function("CELU(alpha=1.0, inplace=False)", "celu", "alpha"),
      function("GELU(approximate=none)", "gelu", "approximate"),
      function("Softplus(beta=1, threshold=20)", "softplus", "beta", "threshold"),
      function(
        "Hardtanh(min_val=-1.0, max_val=1.0, inplace=False)", "hardtanh", "min_val", "max_val"),
      function("Softshrink(lambd=0.5)", "softshrink", "lambd"),
      function("Hardshrink(lambd=0.5)", "hardshrink", "lambd"),
      function("Threshold(threshold, value, inplace=False)", "threshold", "threshold", "value"),
      function("GLU(dim=-1)", "glu", "dim"),
      function("Softmax(dim=None)", "softmax", "dim"),
      function("LogSoftmax(dim=None)", "log_softmax", "dim"),
      function("Softmin(dim=None)", "softmin", "dim"),
      function("Flatten(start_dim=1, end_dim=-1)", "flatten", "start_dim", "end_dim"),
      function("Unflatten(dim, unflattened_size)", "unflatten", "dim", "unflattened_size:sizes"),
    ] + pooling + padding

  private static let pooling =
    (1...3).flatMap { axes in
      [
        function(
          "MaxPool\(axes)d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, "
            + "ceil_mode=False)", "max_pool\(axes)d", "kernel_size", "stride", "padding",
          "dilation", "ceil_mode"),
        function(
          "AvgPool\(axes)d(kernel_size, stride=None, padding=0, ceil_mode=False, "
            + "count_include_pad=True, divisor_override=None)", "avg_pool\(axes)d", "kernel_size",
          "stride", "padding", "ceil_mode", "count_include_pad"),
        function(
          "AdaptiveAvgPool\(axes)d(output_size)", "adaptive_avg_pool\(axes)d", "output_size"),
        function(
          "AdaptiveMaxPool\(axes)d(output_size, return_indices=False)",
          "adaptive_max_pool\(axes)d", "output_size"),
      ]
    }

  private static let padding = (1...3).flatMap { axes in
    [
      ("ZeroPad", "constant"), ("ConstantPad", "constant"), ("ReflectionPad", "reflect"),
      ("ReplicationPad", "replicate"),
    ].map {
      name, mode in
      SourceModuleKind("\(name)\(axes)d(padding, value=0)") {
        interpreter, object, arguments throws(SourceStop) in
        let x = try interpreter.operand(arguments)
        let own = object["padding"] ?? .none
        let sides: SourceValue =
          own.integer == nil ? own : .tuple([SourceValue](repeating: own, count: 2 * axes))
        return try interpreter.torch(
          "pad", [.plain(x), sides],
          mode == "constant" ? [("value", object["value"] ?? .none)] : [("mode", .text(mode))])
      }
    }
  }

  static let containers: [SourceModuleKind] = [
    SourceModuleKind("Sequential()", isContainer: true) {
      interpreter, object, arguments throws(SourceStop) in
      var value = arguments
      guard let first = arguments.positional.first else {
        throw interpreter.problem("nn.Sequential is called without an argument")
      }
      var result = first
      for child in object.children {
        value = SourceArguments(positional: [result])
        result = try interpreter.call(child.value, value)
      }
      return result
    },
    SourceModuleKind("ModuleList()", isContainer: true) { interpreter, _, _ throws(SourceStop) in
      throw interpreter.problem("nn.ModuleList can't be called")
    },
    SourceModuleKind("ModuleDict()", isContainer: true) { interpreter, _, _ throws(SourceStop) in
      throw interpreter.problem("nn.ModuleDict can't be called")
    },
  ]
}
