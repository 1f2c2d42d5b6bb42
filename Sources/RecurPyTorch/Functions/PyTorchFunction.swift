package import RecurModel
package import RecurTensors

/// A function or method of torch, and the nodes that a call of it becomes.
///
/// Functions of torch, of torch.nn.functional and of aten, and methods of tensors share a name where
/// they share a meaning: `torch.relu`, `F.relu`, `x.relu()` and `aten.relu.default` are `relu`. The
/// first parameter of a method is `self`. Values have torch's order of axes.
struct PyTorchFunction: Sendable {
  /// The parameters.
  let signature: PyTorchSignature
  /// The nodes and the result.
  let apply: @Sendable (inout PyTorchFunctionCall) throws(PyTorchFunctionProblem) -> PyTorchArgument

  init(
    _ signature: String,
    _ apply:
      @escaping @Sendable (inout PyTorchFunctionCall) throws(PyTorchFunctionProblem)
      -> PyTorchArgument
  ) {
    self.signature = PyTorchSignature(signature)
    self.apply = apply
  }
}

/// The table of torch's functions: what each is as operators of a model.
package enum PyTorchFunctions {
  /// A node that a call becomes.
  package struct Node: Sendable {
    /// Its name: that of the call, or one that begins with it.
    package var name: String
    /// The operator.
    package var layer: Layer
    /// The values that it reads.
    package var inputs: [Model.Value]
  }

  /// The name under which the table has a function: `cat` for `torch.cat`, `Tensor.cat`,
  /// `torch.nn.functional.cat`, `F.cat` and `torch.ops.aten.cat.default`; nil for another module's.
  package static func shortName(_ name: String) -> String? {
    for prefix in ["torch.ops.aten.", "aten."] where name.hasPrefix(prefix) {
      return name.dropFirst(prefix.count).split(separator: ".").first.map(String.init)
    }
    let prefixes = [
      "torch.nn.functional.", "nn.functional.", "torch.special.", "torch.linalg.",
      "torch.Tensor.", "Tensor.", "torch.", "F.", "operator.", "_operator.",
    ]
    let own = prefixes.first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) } ?? name
    return own.contains(".") ? nil : own
  }

  /// Whether the table has a function of this name.
  package static func has(_ name: String) -> Bool {
    shortName(name).map { byName[$0] != nil } ?? false
  }

  /// The parameters of a function, in order.
  static func parameters(_ name: String) -> [String]? {
    shortName(name).flatMap { byName[$0] }?.signature.parameters.map(\.name)
  }

  /// The names of the table, in order.
  package static let names: [String] = byName.keys.sorted()

  /// The nodes that a call of a function becomes.
  ///
  /// - Parameters:
  ///   - name: the function: `torch.cat`, `Tensor.permute`, `F.relu`, `relu`, `aten.cat.default`.
  ///   - positional: the arguments without names; a method's object is the first one.
  ///   - keywords: the arguments with names.
  ///   - base: the name of the node with the result, unused so far; other nodes have names that
  ///     begin with it.
  /// - Returns: the nodes, each behind those that it reads, and the result: a tensor, a list of
  ///   results, an extent or a list of extents.
  /// - Throws: `pytorch.function.unsupported`, naming the function and the reason.
  package static func call(
    _ name: String, _ positional: [PyTorchArgument],
    _ keywords: [(name: String, value: PyTorchArgument)] = [], named base: String
  ) throws(CheckpointError) -> (nodes: [Node], result: PyTorchArgument) {
    guard let function = shortName(name).flatMap({ byName[$0] }) else {
      throw CheckpointError(
        .pytorchFunctionUnsupported, "the function '\(name)' is not supported",
        hint: suggestion(for: shortName(name) ?? name, among: names).map {
          "did you mean '\($0)'?"
        })
    }
    do throws(PyTorchFunctionProblem) {
      let bound = try function.signature.bind(positional, keywords)
      var call = PyTorchFunctionCall(bound, named: base)
      let value = try function.apply(&call)
      let (steps, result) = call.finished(value)
      return (steps.map { Node(name: $0.name, layer: $0.layer, inputs: $0.inputs) }, result)
    } catch {
      throw CheckpointError(
        .pytorchFunctionUnsupported, "this call of '\(name)' is not supported: \(error.reason)")
    }
  }

  /// Every function, group by group.
  private static let all: [PyTorchFunction] =
    activations + unary + binary + reductions + reshaping + parts + joining + products
    + normalization + pooling + handingOn

  /// Whether a function computes every element by itself, so that the order of axes does not matter.
  static func isElementwise(_ name: String) -> Bool {
    shortName(name).map { elementwise.contains(synonyms[$0] ?? $0) } ?? false
  }

  private static let elementwise = Set(
    (activations + unary + binary + handingOn).map(\.signature.name)
  ).subtracting(["softmax", "log_softmax", "softmin", "glu", "prelu", "addcmul", "addcdiv"])

  /// The name of the first parameter, and whether it takes a list of tensors.
  static func firstParameter(_ name: String) -> (name: String, isList: Bool)? {
    guard let function = shortName(name).flatMap({ byName[$0] }) else { return nil }
    let lists: Set = ["tensors", "operands"]
    if let list = function.signature.parameters.first(where: { lists.contains($0.name) }) {
      return (list.name, true)
    }
    return function.signature.parameters.first.map { ($0.name, false) }
  }

  /// Functions by their own names and by their synonyms.
  private static let byName: [String: PyTorchFunction] = {
    var functions = Dictionary(
      all.map { ($0.signature.name, $0) }, uniquingKeysWith: { one, _ in one })
    for (synonym, name) in synonyms { functions[synonym] = functions[name] }
    return functions
  }()

  /// Other names of functions, of aten's own operators and of those that write in place among them.
  private static let synonyms = [
    "concat": "cat", "concatenate": "cat", "swapaxes": "transpose", "swapdims": "transpose",
    "moveaxis": "movedim", "absolute": "abs", "negative": "neg", "multiply": "mul",
    "subtract": "sub", "divide": "div", "true_divide": "div", "truediv": "div",
    "floordiv": "floor_divide", "mod": "remainder", "greater": "gt", "greater_equal": "ge",
    "less": "lt", "less_equal": "le", "not_equal": "ne", "clip": "clamp", "_softmax": "softmax",
    "_log_softmax": "log_softmax", "_unsafe_view": "view", "expit": "sigmoid",
    "split_with_sizes": "split", "linalg_vector_norm": "vector_norm", "arccos": "acos",
    "arcsin": "asin", "arctan": "atan", "fix": "trunc", "invert": "bitwise_not",
    "and_": "bitwise_and", "or_": "bitwise_or", "xor": "bitwise_xor", "_to_copy": "to",
    "unsafe_chunk": "chunk", "unsafe_split": "split", "lt_": "lt",
  ]
}

extension Diagnostic.Code {
  static let pytorchFunctionUnsupported = Self(rawValue: "pytorch.function.unsupported")
}
