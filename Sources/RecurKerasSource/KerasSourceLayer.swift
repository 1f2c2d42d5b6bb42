import RecurPyTorch
import RecurSource
import RecurTensors

/// A layer of Keras that a program makes, and the calls of it.
final class KerasSourceLayer: SourceForeign {
  /// One application.
  struct Call {
    var positional: [SourceValue] = []
    var keywords: [(name: String, value: SourceValue)] = []
  }

  /// The class in configs: `LSTM`.
  let className: String
  /// The module below `keras.src.ops` of an operation; nil for a layer.
  let operationModule: String?
  /// The options in order; those that were not given and have no default are missing.
  private(set) var options: [(name: String, value: SourceValue)] = []
  let place: SourcePosition
  /// The name that the program gives; nil for one that Keras makes up.
  var name: String?
  var calls: [Call] = []
  /// The groups in which weights may hold it, where its model is an object of a class.
  var groups: [String] = []
  let program: KerasProgram
  /// The number of the function that it is a part of.
  var fold: Int?

  init(
    _ className: String, operationModule: String? = nil, at place: SourcePosition,
    in program: KerasProgram
  ) {
    self.className = className
    self.operationModule = operationModule
    self.place = place
    self.program = program
  }

  /// The value of an option; nil for one that was not given.
  subscript(name: String) -> SourceValue? {
    get { options.first { $0.name == name }?.value }
    set {
      options.removeAll { $0.name == name }
      if let newValue { options.append((name, newValue)) }
    }
  }

  var title: String { "a layer \(className)" }

  func attribute(
    _ name: String, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    switch name {
    case "output" where calls.count == 1:
      return .foreign(KerasSourceTensor(self, call: 0, output: 0))
    case "input" where calls.count == 1:
      if let first = KerasSourceGraph.tensors(of: calls[0]).first { return .foreign(first) }
      return interpreter.unknown("the 'input' of \(title)")
    case "output", "input", "shape": return interpreter.unknown("the '\(name)' of \(title)")
    case "name": return self.name.map { .text($0) } ?? interpreter.unknown("the name of a layer")
    default: return self[name] ?? .bound(.foreign(self), name)
    }
  }

  func call(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    var given = given
    if given.positional.isEmpty,
      let first = given.keywords.firstIndex(where: { $0.name == "inputs" })
    {
      given.positional = [given.keywords.remove(at: first).value]
    }
    if className == "Lambda" {
      guard let function = self["function"] else {
        throw interpreter.problem("a Lambda layer has no function")
      }
      return try applied(function, given, &interpreter)
    }
    if let function = ownActivation {
      guard className != "Activation" else { return try applied(function, given, &interpreter) }
      self["activation"] = .text("linear")
      let outer = program.fold
      fold = program.beginFold()
      defer { (self["activation"], program.fold) = (function, outer) }
      let value = try call(given, &interpreter)
      return try applied(function, SourceArguments(positional: [value]), &interpreter)
    }
    if let unknown = given.unknown { return .unknown(unknown) }
    for value in given.positional + given.keywords.map(\.value) {
      if let unknown = Self.unknown(in: value) {
        throw interpreter.problem("\(title) is called with something unknown: \(unknown.reason)")
      }
    }
    // What a call is made for, and not of what.
    let keywords = given.keywords.filter { keyword in
      !(keyword.name == "training" && keyword.value.flag != true) && !keyword.value.isNone
    }
    for value in given.positional where !Self.isArgument(value) {
      throw interpreter.problem("\(title) is called with \(SourceInterpreter.said(value.title))")
    }
    guard Self.hasTensor(given) else {
      throw interpreter.problem("\(title) is called without a tensor")
    }
    guard calls.count < 1_000 else {
      throw interpreter.problem("\(title) is called very often", code: .limitExceeded)
    }
    calls.append(Call(positional: given.positional, keywords: keywords))
    let number = calls.count - 1
    let outputs = outputCount
    guard outputs > 1 else { return .foreign(KerasSourceTensor(self, call: number, output: 0)) }
    return .list(
      SourceList((0..<outputs).map { .foreign(KerasSourceTensor(self, call: number, output: $0)) }))
  }

  /// The function of the source that a layer without states applies to what it computes.
  var ownActivation: SourceValue? {
    guard case .function? = self["activation"],
      !["LSTM", "GRU", "SimpleRNN", "RNN"].contains(where: className.contains)
    else { return nil }
    return self["activation"]
  }

  /// Whether a call keeps what only the training does.
  var isCalledInTraining: Bool {
    calls.contains { $0.keywords.contains { $0.name == "training" } }
  }

  /// A call of a Lambda layer is what its function makes of the tensor.
  private func applied(
    _ function: SourceValue, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    var arguments = SourceArguments(
      positional: given.positional,
      keywords: given.keywords.filter { !["training", "mask"].contains($0.name) })
    if case .dictionary(let further)? = self["arguments"] {
      for key in further.keys {
        guard case .text(let name) = key, let value = further[key] else { continue }
        arguments.keywords.append((name, value))
      }
    }
    let outer = (interpreter.phase, program.fold)
    interpreter.phase = .construction
    let number = program.beginFold()
    if case .function(let own) = function {
      program.captures.note(own, number, interpreter.files)
    }
    defer { (interpreter.phase, program.fold) = outer }
    let result = try interpreter.call(function, arguments)
    if case .unknown(let unknown) = result {
      throw interpreter.problem(unknown.reason, at: unknown.place)
    }
    return result
  }

  func call(
    method name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    if name == "__call__" { return try call(given, &interpreter) }
    return interpreter.unknown("the method '\(name)' of \(title)")
  }

  func isInstance(of library: String) -> Bool? {
    guard case .layer(let name) = KerasSourceName(library) else { return false }
    return name == "Layer" || KerasSourceSignatures.signature(name).name == className
  }

  func set(_ name: String, to value: SourceValue, _ interpreter: SourceInterpreter) {
    if ["name", "_name"].contains(name) {
      self.name = value.text
    } else if !KerasSourceConfig.isHarmless(name),
      self[name] != nil || KerasSourceSignatures.signature(className).parameters.contains(name)
        || KerasSourceSignatures.named.contains(name)
    {
      // Versions differ in whether models that are made keep what the layer was.
      self[name] = .unknown(
        SourceUnknown(
          reason: "it is changed after the layer was made", place: interpreter.position))
    }
  }

  // MARK: outputs

  /// How many tensors a call gives.
  private var outputCount: Int {
    if className == "TopK" { return 2 }
    if className == "MultiHeadAttention",
      calls.last?.keywords.contains(where: {
        $0.name == "return_attention_scores" && $0.value.flag == true
      }) ?? false
    {
      return 2
    }
    if className == "Split" { return partCount }
    guard self["return_state"]?.flag == true || inner?["return_state"]?.flag == true else {
      return 1
    }
    if className == "Bidirectional", let inner { return 1 + 2 * inner.stateCount }
    return 1 + stateCount
  }

  /// How many parts the last call of a `Split` makes.
  private var partCount: Int {
    // Sizes of the parts, or the positions between them.
    for (name, between) in [("sizes", 0), ("indices_or_sections", 1)] {
      guard let parts = calls.last?.keywords.first(where: { $0.name == name })?.value else {
        continue
      }
      switch parts {
      case .list(let list): return list.elements.count + between
      case .tuple(let own): return own.count + between
      default: return max(parts.integer ?? 1, 1)
      }
    }
    return 1
  }

  /// The layer inside a wrapper.
  private var inner: KerasSourceLayer? { self["layer"]?.foreign as? KerasSourceLayer }

  /// How many states a recurrent layer has.
  private var stateCount: Int {
    switch className {
    case "LSTM", "CuDNNLSTM", "LSTMCell", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D": return 2
    case "RNN":
      guard let cell = self["cell"] else { return 1 }
      if case .list(let cells) = cell {
        return cells.elements.reduce(0) {
          $0 + (($1.foreign as? KerasSourceLayer)?.stateCount ?? 1)
        }
      }
      return (cell.foreign as? KerasSourceLayer)?.stateCount ?? 1
    case "StackedRNNCells":
      guard case .list(let cells)? = self["cells"] else { return 1 }
      return cells.elements.reduce(0) { $0 + (($1.foreign as? KerasSourceLayer)?.stateCount ?? 1) }
    default: return 1
    }
  }

  /// Whether a value can be an argument by place: a tensor, None, or a list of them.
  private static func isArgument(_ value: SourceValue) -> Bool {
    switch value {
    case .list(let list): list.elements.allSatisfy(isArgument)
    case .tuple(let values): values.allSatisfy(isArgument)
    case .foreign(let own): own is KerasSourceTensor
    default: value.isNone
    }
  }

  /// Whether a call is given a tensor.
  private static func hasTensor(_ given: SourceArguments) -> Bool {
    (given.positional + given.keywords.map(\.value)).contains(where: KerasSourceTensor.isHeld)
  }

  /// What is unknown in an argument, which may be a list.
  static func unknown(in value: SourceValue) -> SourceUnknown? {
    switch value {
    case .unknown(let unknown): return unknown
    case .list(let list): return list.elements.lazy.compactMap { unknown(in: $0) }.first
    case .tuple(let values): return values.lazy.compactMap { unknown(in: $0) }.first
    default: return nil
    }
  }
}
