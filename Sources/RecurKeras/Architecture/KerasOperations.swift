package import RecurContainers

/// An operation of keras.ops: its place in Keras, its parameters, and the functions of TensorFlow
/// that are read as this operation.
package struct KerasOperation: Sendable {
  /// A function of TensorFlow, as tf.keras stores it in `TFOpLambda`.
  package struct Function: Sendable {
    /// The name below `tf`: `math.reduce_mean`.
    package let name: String
    /// For each parameter of the function, the parameter of the operation.
    package let parameters: [(own: String, operation: String)]
    /// The arguments that the function has and the operation has not, or has in another way.
    package let defaults: [(name: String, value: JSONValue)]
  }

  /// The class of the operation: `Mean`.
  package let name: String
  /// The module below keras.src.ops: `numpy`.
  package let module: String
  /// The parameters in order; the options of the operation are among them.
  package let parameters: [String]
  /// The functions of TensorFlow.
  package let functions: [Function]

  /// Reads one row of the table.
  ///
  /// - Parameters:
  ///   - name: the class.
  ///   - module: the module.
  ///   - parameters: the names of the parameters, with blanks between.
  ///   - functions: each as `name(parameter …)`. The parameters stand in the order of those of the
  ///     operation; `own:operation` names one, and `name=value` is a default that differs.
  fileprivate init(_ name: String, _ module: String, _ parameters: String, _ functions: [String]) {
    self.name = name
    self.module = module
    let own = parameters.split(separator: " ").map(String.init)
    self.parameters = own
    self.functions = functions.map { Self.function($0, own) }
  }

  private static func function(_ text: String, _ parameters: [String]) -> Function {
    let parts = text.dropLast().split(separator: "(", maxSplits: 1).map(String.init)
    var named: [(own: String, operation: String)] = []
    var defaults: [(name: String, value: JSONValue)] = []
    for (index, word) in parts[1].split(separator: " ").enumerated() {
      let halves = word.split(separator: "=").map(String.init)
      let names = halves[0].split(separator: ":").map(String.init)
      let operation = names.count > 1 ? names[1] : index < parameters.count ? parameters[index] : ""
      named.append((names[0], operation))
      if halves.count > 1 { defaults.append((operation, value(halves[1]))) }
    }
    return Function(name: parts[0], parameters: named, defaults: defaults)
  }

  private static func value(_ text: String) -> JSONValue {
    switch text {
    case "true": true
    case "false": false
    default: Int(text).map { .integer($0) } ?? .number(Double(text) ?? 0)
    }
  }
}

// MARK: all operations that are read

extension KerasOperation {
  /// The operation of a class; nil for an unknown one.
  package static func named(_ name: String) -> KerasOperation? { byName[name] }

  /// The operation that a function of TensorFlow is read as; nil for an unknown one.
  package static func function(_ name: String) -> (operation: KerasOperation, function: Function)? {
    byFunction[name]
  }

  /// The module in which Keras 3 has a class: `keras.src.ops.numpy`.
  static func module(of name: String) -> String {
    "keras.src.ops.\(named(name)?.module ?? "numpy")"
  }

  /// An operation that is not in the table.
  static let unknown = KerasOperation("", "numpy", "", [])

  private static let byName = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })

  private static let byFunction = Dictionary(
    all.flatMap { row in row.functions.map { ($0.name, (row, $0)) } },
    uniquingKeysWith: { one, _ in one })

  /// One row per operation (keras/src/ops, 3.15; names of functions as tf_keras 2.21 stores them).
  private static let all: [KerasOperation] =
    arithmetic + comparisons + functions + activations + reductions + shapes + selections + products

  private static let arithmetic = [
    KerasOperation("Add", "numpy", "x1 x2", ["__operators__.add(x y)", "math.add(x y)"]),
    KerasOperation("Subtract", "numpy", "x1 x2", ["math.subtract(x y)"]),
    KerasOperation("Multiply", "numpy", "x1 x2", ["math.multiply(x y)"]),
    KerasOperation("TrueDivide", "numpy", "x1 x2", ["math.truediv(x y)"]),
    KerasOperation("Divide", "numpy", "x1 x2", ["math.divide(x y)"]),
    KerasOperation(
      "FloorDivide", "numpy", "x1 x2", ["compat.v1.floor_div(x y)", "math.floordiv(x y)"]),
    KerasOperation("Mod", "numpy", "x1 x2", ["math.floormod(x y)"]),
    KerasOperation("Power", "numpy", "x1 x2", ["math.pow(x y)"]),
    KerasOperation("Maximum", "numpy", "x1 x2", ["math.maximum(x y)"]),
    KerasOperation("Minimum", "numpy", "x1 x2", ["math.minimum(x y)"]),
    KerasOperation(
      "Clip", "numpy", "x x_min x_max", ["clip_by_value(t clip_value_min clip_value_max)"]),
    KerasOperation("Where", "numpy", "condition x1 x2", ["where(condition x y)"]),
  ]

  private static let comparisons = [
    KerasOperation(
      "Equal", "numpy", "x1 x2", ["math.equal(x y)", "__operators__.eq(self other)"]),
    KerasOperation(
      "NotEqual", "numpy", "x1 x2", ["math.not_equal(x y)", "__operators__.ne(self other)"]),
    KerasOperation("Less", "numpy", "x1 x2", ["math.less(x y)"]),
    KerasOperation("LessEqual", "numpy", "x1 x2", ["math.less_equal(x y)"]),
    KerasOperation("Greater", "numpy", "x1 x2", ["math.greater(x y)"]),
    KerasOperation("GreaterEqual", "numpy", "x1 x2", ["math.greater_equal(x y)"]),
    KerasOperation("LogicalAnd", "numpy", "x1 x2", ["math.logical_and(x y)"]),
    KerasOperation("LogicalOr", "numpy", "x1 x2", ["math.logical_or(x y)"]),
    KerasOperation("LogicalXor", "numpy", "x1 x2", ["math.logical_xor(x y)"]),
    KerasOperation("LogicalNot", "numpy", "x", ["math.logical_not(x)"]),
  ]

  private static let functions = [
    KerasOperation("Absolute", "numpy", "x", ["math.abs(x)"]),
    KerasOperation("Abs", "numpy", "x", []),
    KerasOperation("Negative", "numpy", "x", ["math.negative(x)"]),
    KerasOperation("Sign", "numpy", "x", ["math.sign(x)"]),
    KerasOperation("Square", "numpy", "x", ["math.square(x)"]),
    KerasOperation("Sqrt", "numpy", "x", ["math.sqrt(x)"]),
    KerasOperation("Rsqrt", "math", "x", ["math.rsqrt(x)"]),
    KerasOperation("Reciprocal", "numpy", "x", ["math.reciprocal(x)"]),
    KerasOperation("Exp", "numpy", "x", ["math.exp(x)"]),
    KerasOperation("Expm1", "numpy", "x", ["math.expm1(x)"]),
    KerasOperation("Log", "numpy", "x", ["math.log(x)"]),
    KerasOperation("Log1p", "numpy", "x", ["math.log1p(x)"]),
    KerasOperation("Log2", "numpy", "x", []),
    KerasOperation("Log10", "numpy", "x", []),
    KerasOperation("Floor", "numpy", "x", ["math.floor(x)"]),
    KerasOperation("Ceil", "numpy", "x", ["math.ceil(x)"]),
    KerasOperation("Round", "numpy", "x decimals", ["math.round(x)"]),
    KerasOperation("Trunc", "numpy", "x", []),
    KerasOperation("Sin", "numpy", "x", ["math.sin(x)"]),
    KerasOperation("Cos", "numpy", "x", ["math.cos(x)"]),
    KerasOperation("Tan", "numpy", "x", ["math.tan(x)"]),
    KerasOperation("Arcsin", "numpy", "x", ["math.asin(x)"]),
    KerasOperation("Arccos", "numpy", "x", ["math.acos(x)"]),
    KerasOperation("Arctan", "numpy", "x", ["math.atan(x)"]),
    KerasOperation("Sinh", "numpy", "x", ["math.sinh(x)"]),
    KerasOperation("Cosh", "numpy", "x", ["math.cosh(x)"]),
    KerasOperation("Erf", "math", "x", ["math.erf(x)"]),
    KerasOperation("Isnan", "numpy", "x", ["math.is_nan(x)"]),
    KerasOperation("Isfinite", "numpy", "x", ["math.is_finite(x)"]),
    KerasOperation("Cast", "core", "x dtype", ["cast(x dtype)"]),
  ]

  private static let activations = [
    KerasOperation("Relu", "nn", "x", ["nn.relu(features)"]),
    KerasOperation("Relu6", "nn", "x", ["nn.relu6(features)"]),
    KerasOperation(
      "LeakyRelu", "nn", "x negative_slope", ["nn.leaky_relu(features alpha=0.2)"]),
    KerasOperation("Elu", "nn", "x alpha", ["nn.elu(features)"]),
    KerasOperation("Selu", "nn", "x", ["nn.selu(features)"]),
    KerasOperation("Celu", "nn", "x alpha", []),
    KerasOperation("Sigmoid", "nn", "x", ["math.sigmoid(x)"]),
    KerasOperation("HardSigmoid", "nn", "x", []),
    KerasOperation("LogSigmoid", "nn", "x", ["math.log_sigmoid(x)"]),
    KerasOperation("Tanh", "numpy", "x", ["math.tanh(x)"]),
    KerasOperation("HardTanh", "nn", "x", []),
    KerasOperation("TanhShrink", "nn", "x", []),
    KerasOperation("Softplus", "nn", "x", ["math.softplus(features)"]),
    KerasOperation("Softsign", "nn", "x", ["nn.softsign(features)"]),
    KerasOperation("Silu", "nn", "x", ["nn.silu(features)"]),
    KerasOperation("HardSilu", "nn", "x", []),
    KerasOperation("Gelu", "nn", "x approximate", ["nn.gelu(features approximate=false)"]),
    KerasOperation("SoftShrink", "nn", "x threshold", []),
    KerasOperation("HardShrink", "nn", "x threshold", []),
    KerasOperation("Softmax", "nn", "x axis", ["nn.softmax(logits axis=-1)"]),
    KerasOperation("LogSoftmax", "nn", "x axis", ["nn.log_softmax(logits axis=-1)"]),
  ]

  private static let reductions = [
    reduction("Mean", ["math.reduce_mean"]), reduction("Sum", ["math.reduce_sum"]),
    reduction("Max", ["math.reduce_max"]), reduction("Min", ["math.reduce_min"]),
    reduction("Amax", []), reduction("Amin", []), reduction("Prod", ["math.reduce_prod"]),
    reduction("Any", ["math.reduce_any"]), reduction("All", ["math.reduce_all"]),
    reduction("Var", ["math.reduce_variance"]), reduction("Std", ["math.reduce_std"]),
    KerasOperation(
      "Logsumexp", "math", "x axis keepdims",
      ["math.reduce_logsumexp(input_tensor axis keepdims)"]),
    KerasOperation("Average", "numpy", "x axis weights", []),
    KerasOperation(
      "Normalize", "nn", "x axis order epsilon",
      ["math.l2_normalize(x axis epsilon:epsilon)"]),
    KerasOperation(
      "Norm", "linalg", "x ord axis keepdims", ["compat.v1.norm(tensor ord axis keepdims)"]),
  ]

  private static func reduction(_ name: String, _ functions: [String]) -> KerasOperation {
    KerasOperation(
      name, "numpy", "x axis keepdims", functions.map { "\($0)(input_tensor axis keepdims)" })
  }

  private static let shapes = [
    KerasOperation("Reshape", "numpy", "x newshape", ["reshape(tensor shape)"]),
    KerasOperation("Transpose", "numpy", "x axes", ["compat.v1.transpose(a perm)"]),
    KerasOperation("Swapaxes", "numpy", "x axis1 axis2", []),
    KerasOperation("Moveaxis", "numpy", "x source destination", []),
    KerasOperation("ExpandDims", "numpy", "x axis", ["expand_dims(input axis)"]),
    KerasOperation(
      "Squeeze", "numpy", "x axis", ["compat.v1.squeeze(input axis)", "squeeze(input axis)"]),
    KerasOperation("Repeat", "numpy", "x repeats axis", ["repeat(input repeats axis)"]),
    KerasOperation("Tile", "numpy", "x repeats", ["tile(input multiples)"]),
    KerasOperation(
      "Pad", "numpy", "x pad_width mode constant_values",
      ["compat.v1.pad(tensor paddings mode constant_values)"]),
    KerasOperation("Tril", "numpy", "x k", []),
    KerasOperation("Triu", "numpy", "x k", []),
    KerasOperation("Concatenate", "numpy", "xs axis", ["concat(values axis)"]),
    KerasOperation("Stack", "numpy", "x axis", ["stack(values axis=0)"]),
    KerasOperation("Flip", "numpy", "x axis", ["reverse(tensor axis)"]),
    KerasOperation(
      "Split", "numpy", "x indices_or_sections axis",
      ["split(value num_or_size_splits:sizes axis=0)"]),
    KerasOperation("OnesLike", "numpy", "x dtype", ["ones_like(input dtype)"]),
    KerasOperation("ZerosLike", "numpy", "x dtype", ["zeros_like(input dtype)"]),
    KerasOperation("ConvertToTensor", "core", "x dtype sparse ragged", []),
  ]

  private static let selections = [
    KerasOperation("GetItem", "numpy", "x key", ["__operators__.getitem(tensor slice_spec)"]),
    KerasOperation("TakeAlongAxis", "numpy", "x indices axis", []),
    KerasOperation(
      "Cumsum", "numpy", "x axis dtype exclusive reverse",
      ["math.cumsum(x axis=0 exclusive:exclusive reverse:reverse)"]),
    KerasOperation(
      "Cumprod", "numpy", "x axis dtype exclusive reverse",
      ["math.cumprod(x axis=0 exclusive:exclusive reverse:reverse)"]),
    KerasOperation("Argmax", "numpy", "x axis keepdims", ["math.argmax(input axis=0)"]),
    KerasOperation("Argmin", "numpy", "x axis keepdims", ["math.argmin(input axis=0)"]),
    KerasOperation("Sort", "numpy", "x axis direction", ["sort(values axis=-1 direction)"]),
    KerasOperation("Argsort", "numpy", "x axis direction", ["argsort(values axis=-1 direction)"]),
    KerasOperation("TopK", "math", "x k sorted", ["math.top_k(input k=1 sorted)"]),
    KerasOperation(
      "Take", "numpy", "x indices axis", ["compat.v1.gather(params indices axis=0)"]),
    KerasOperation(
      "OneHot", "nn", "x num_classes axis dtype sparse on_value off_value",
      ["one_hot(indices depth on_value:on_value off_value:off_value axis:axis dtype:dtype)"]),
    KerasOperation("RMSNorm", "nn", "x scale axis epsilon", []),
  ]

  private static let products = [
    KerasOperation("Matmul", "numpy", "x1 x2", ["linalg.matmul(a b)"]),
    KerasOperation("Einsum", "numpy", "operand1 operand2 operand3 subscripts", []),
  ]
}
