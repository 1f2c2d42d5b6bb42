import RecurKeras
import RecurModel
import RecurPyTorch
import RecurSource

/// Functions of tensors in `tf`, `keras.ops` and `keras.backend`, which become operations between
/// layers.
enum KerasSourceFunctions {
  /// The functions of `keras.backend` whose operation has another name or other parameters.
  private static let backend: [String: (operation: String, parameters: [String])] = [
    "permute_dimensions": ("Transpose", ["x", "axes"]),
    "reverse": ("Flip", ["x", "axis"]),
    "repeat_elements": ("Repeat", ["x", "repeats", "axis"]),
    "pow": ("Power", ["x1", "x2"]),
    "clip": ("Clip", ["x", "x_min", "x_max"]),
    "concatenate": ("Concatenate", ["xs", "axis"]),
    "stack": ("Stack", ["x", "axis"]),
    "l2_normalize": ("Normalize", ["x", "axis"]),
    "maximum": ("Maximum", ["x1", "x2"]),
    "minimum": ("Minimum", ["x1", "x2"]),
  ]

  /// Where Keras has a function.
  private enum Place {
    case operations, backend, activations

    /// What the function takes where an argument is left out (keras/src/ops; tf_keras/src/backend.py;
    /// keras/src/activations).
    func defaults(of operation: String) -> [(name: String, value: SourceValue)] {
      let last = [("axis", SourceValue.integer(-1))]
      let first = [("axis", SourceValue.integer(0))]
      switch (operation, self) {
      case ("Softmax", _), ("LogSoftmax", _), ("Sort", _), ("Argsort", _), ("OneHot", _):
        return last
      case ("Concatenate", .backend), ("ExpandDims", .backend), ("Argmax", .backend),
        ("Argmin", .backend), ("Normalize", .operations):
        return last
      case ("Concatenate", _), ("Stack", _), ("Split", _), ("Cumsum", .backend),
        ("Cumprod", .backend):
        return first
      case ("Gelu", _): return [("approximate", .flag(self == .operations))]
      case ("LeakyRelu", _): return [("negative_slope", .plain(.number(0.2)))]
      case ("Elu", _): return [("alpha", .plain(.number(1)))]
      default: return []
      }
    }
  }

  /// Functions that mean something else in another generation of Keras.
  private static let ambiguous: Set<Substring> = ["hard_sigmoid", "hard_tanh"]

  /// Functions that hand their argument on.
  private static let transparent: Set<Substring> = [
    "convert_to_tensor", "identity", "stop_gradient", "ensure_shape",
  ]

  /// The result of a function on tensors; something unknown for arrays of the program.
  static func call(
    _ full: String, _ given: SourceArguments, _ program: KerasProgram,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    let values = given.positional + given.keywords.map(\.value)
    guard values.contains(where: KerasSourceTensor.isHeld) else {
      return interpreter.unknown("'\(full)' is not known")
    }
    let parts = full.split(separator: ".")
    let last = parts.last ?? ""
    if transparent.contains(last), let value = given.positional.first { return value }
    if parts.contains("backend"), last == "ndim", let tensor = given.positional.first?.foreign {
      return try tensor.attribute("ndim", &interpreter)
    }
    if last == "int_shape", let tensor = given.positional.first?.foreign {
      return try tensor.attribute("shape", &interpreter)
    }
    if parts.contains("backend"), last == "sqrt", let x = given.positional.first {
      // Keras' own root is that of nothing below 0.
      let clipped = try program.operation(
        "Maximum", [("x1", x), ("x2", .plain(.number(0)))], &interpreter)
      return try program.operation("Sqrt", [("x", clipped)], &interpreter)
    }
    guard !ambiguous.contains(last), let (operation, parameters) = meaning(parts) else {
      throw interpreter.problem("the function '\(full)' of a tensor is not supported")
    }
    var arguments: [(name: String, value: SourceValue)] = []
    guard given.positional.count <= parameters.count else {
      throw interpreter.problem("'\(full)' is given too many arguments")
    }
    for (parameter, value) in zip(parameters, given.positional) {
      arguments.append((parameter.operation, value))
    }
    for (name, value) in given.keywords where name != "name" {
      guard let parameter = parameters.first(where: { $0.own == name }) else {
        throw interpreter.problem("'\(full)' is given '\(name)', which is not supported")
      }
      arguments.append((parameter.operation, value))
    }
    for (name, value) in operation.defaults
    where !arguments.contains(where: { $0.name == name }) {
      arguments.append((name, value))
    }
    return try program.operation(
      operation.name, module: operation.module, arguments.filter { !$0.value.isNone },
      &interpreter)
  }

  private typealias Operation = (
    name: String, module: String, defaults: [(name: String, value: SourceValue)]
  )

  /// The operation that a function is, and its parameters with those of the operation.
  private static func meaning(
    _ parts: [Substring]
  ) -> (Operation, [(own: String, operation: String)])? {
    let last = String(parts.last ?? "")
    guard parts.contains("keras") else {
      let own = parts.dropFirst().joined(separator: ".")
      let names = [
        own, "math.\(own)", "linalg.\(own)", "compat.v1.\(own)", "nn.\(own)", "math.\(last)",
      ]
      for name in names {
        guard let (operation, function) = KerasOperation.function(name) else { continue }
        return (
          (
            operation.name, operation.module,
            function.defaults.compactMap { entry in
              KerasSourceConfig.value(entry.value).map { (entry.name, $0) }
            }
          ), function.parameters.filter { !$0.operation.isEmpty }
        )
      }
      return nil
    }
    if parts.contains("backend"), let (name, parameters) = backend[last] {
      return (
        (
          name, KerasOperation.named(name)?.module ?? "numpy", Place.backend.defaults(of: name)
        ), parameters.map { ($0, $0) }
      )
    }
    let name = last.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
      .joined()
    guard let operation = KerasOperation.named(name) else { return nil }
    let place: Place =
      parts.contains("backend")
      ? .backend : parts.contains("activations") ? .activations : .operations
    return (
      (name, operation.module, place.defaults(of: name)), operation.parameters.map { ($0, $0) }
    )
  }
}
