import RecurFormats
import RecurModel
import RecurSource
import RecurTensors

/// The language of the code in TorchScript archives (torch/csrc/jit/serialization/python_print.cpp):
/// a part of Python in which every operator is a function of `torch`.
struct ScriptDialect: SourceDialect {
  /// What `CONSTANTS.c0` and its like are.
  let constants: [String: SourceValue]

  private static let words: Set = [
    "torch", "ops", "__torch__", "CONSTANTS", "annotate", "unchecked_cast", "uninitialized",
    "__annotations__",
  ]

  private static let types: Set = [
    "Tensor", "Optional", "List", "Tuple", "Dict", "NoneType", "Final", "Union", "number", "Any",
    "Device", "Future", "RRef", "Scalar", "Generator", "Storage", "AnyEnumType",
  ]

  func value(of name: String) -> SourceValue? {
    if Self.words.contains(name) { return .library(name) }
    if name == "Module" { return .library("torch.nn.Module") }
    if name == "inf" { return .plain(.number(.infinity)) }
    if name == "nan" { return .plain(.number(.nan)) }
    if name == "NamedTuple" { return .library("typing.NamedTuple") }
    return Self.types.contains(name) ? .library("types.\(name)") : nil
  }

  func member(
    _ name: String, of library: String, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    if library == "CONSTANTS" {
      guard let value = constants[name] else {
        throw interpreter.problem("the archive has no constant '\(name)'", code: .sourceModel)
      }
      return value
    }
    guard library == "__torch__" || library.hasPrefix("__torch__.") else {
      // `torch.pi` and its like are no names here
      return .library("\(library).\(name)")
    }
    if Self.known(library: "\(library).\(name)") != nil { return .library("\(library).\(name)") }
    if let number = interpreter.files.names.firstIndex(of: library),
      let value = interpreter.scope(of: number).values[name]
    {
      return value
    }
    return .library("\(library).\(name)")
  }

  func changesFirst(_ library: String) -> Bool {
    guard library.hasPrefix("torch.") else { return false }
    let name = library.dropFirst("torch.".count)
    return SourceInterpreter.changesInPlace(String(name)) && name != "copy_"
  }

  /// The name of a class or function of torch's own library without the numbers that make it unique:
  /// `torch.nn.modules.rnn.LSTM`; nil for one of the model.
  static func libraryName(_ name: String) -> String? {
    guard name.hasPrefix("__torch__.torch.") else { return nil }
    return name.split(separator: ".").dropFirst()
      .filter { !$0.hasPrefix("___torch_mangle_") }.joined(separator: ".")
  }

  // MARK: calls

  func call(
    library name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    let first = given.positional.first ?? .none
    switch name {
    case "annotate", "unchecked_cast":
      return given.positional.count > 1 ? given.positional[1] : SourceValue.none
    case "uninitialized": return SourceValue.none
    case "builtins.isinstance":
      return try isInstance(
        first, given.positional.count > 1 ? given.positional[1] : .none, interpreter)
    case "builtins.int", "builtins.float", "builtins.bool":
      if case .unknown(let unknown) = first { throw interpreter.problem(unknown.reason) }
      let own = try number(of: first, &interpreter)
      if name == "builtins.int", own.dimension != nil { return own }
      if own.array != nil {
        throw interpreter.problem("a number that is known only when the model runs")
      }
      return nil
    default: break
    }
    if name.hasPrefix("__torch__.") {
      if let known = Self.known(library: name) { return try known(self, given, &interpreter) }
      throw interpreter.problem("'\(name)' is not in the archive, or not supported")
    }
    guard interpreter.phase == .forward else { return nil }
    if name.hasPrefix("ops.prim.") {
      return try primitive(String(name.dropFirst("ops.prim.".count)), given, &interpreter)
    }
    if name.hasPrefix("torch.nn.utils.rnn.") { return nil }
    guard name.hasPrefix("torch."), !name.dropFirst("torch.".count).contains(".") else {
      if name.hasPrefix("ops.") || name.hasPrefix("torch.") {
        throw interpreter.problem("the operator '\(name)' is not supported")
      }
      return nil
    }
    return try operation(String(name.dropFirst("torch.".count)), given, &interpreter)
  }

  /// Operators that say something about values, or say nothing.
  private func primitive(
    _ name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    let first = given.positional.first ?? .none
    switch name {
    case "NumToTensor", "unchecked_unwrap_optional": return first
    case "device", "type": return .text("cpu")
    case "layout", "requires_grad", "is_nested", "is_cuda", "is_sparse", "is_quantized",
      "is_mkldnn",
      "is_mps", "is_xla", "is_xpu":
      return name == "layout" ? .none : .flag(false)
    case "dtype":
      let value = try interpreter.settled(first)
      if case .step(let step) = value, let sequence = step.sequence {
        return .plain(interpreter.builder.type(sequence).map { .type($0) } ?? .nothing)
      }
      guard let array = value.array, let type = interpreter.builder.type(array) else {
        throw interpreter.problem("the element type of \(value.title)")
      }
      return .plain(.type(type))
    case "data", "grad": return first
    case "min", "max": return try interpreter.call(library: "builtins.\(name)", given)
    case "RaiseException":
      throw interpreter.problem(
        "the code raises an error here: \((first.text ?? "of an unknown text").prefix(200))",
        hint: "give the axes of the inputs that the model is called with: name=['batch', 1, 32]")
    default: throw interpreter.problem("the operator 'prim::\(name)' is not supported")
    }
  }

  private func isInstance(
    _ value: SourceValue, _ type: SourceValue, _ interpreter: SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard case .library(let name) = type else {
      throw interpreter.problem("whether a value has the type \(type.title)")
    }
    if let answer = value.isInstance(of: name) { return .flag(answer) }
    switch name {
    case "types.NoneType": return .flag(value.isNone)
    default:
      switch value {
      case .argument, .plain: return .flag(false)
      default: throw interpreter.problem("whether a value has the type '\(name)'")
      }
    }
  }

  func make(
    _ type: SourceClass, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard type.libraryBases.contains("typing.NamedTuple") else {
      throw interpreter.problem(
        "an object of the class '\(type.name)' is made, which is not supported")
    }
    return .tuple(given.positional)
  }
}
