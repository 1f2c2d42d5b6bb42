import RecurFormats
import RecurModel
import RecurTensors

/// A class of `torch.nn`: what its constructor takes, what its tensors are called, what it computes.
struct SourceModuleKind: Sendable {
  typealias Apply =
    @Sendable (inout SourceInterpreter, SourceObject, SourceArguments) throws(SourceStop) ->
    SourceValue
  typealias Match = @Sendable (inout SourceSizes, SourceObject, String) -> Void

  /// The name: `LSTM`.
  let name: String
  /// The parameters of its constructor, with their defaults.
  let parameters: [(name: String, value: GraphValue?)]
  /// Whether its constructor takes modules, and its elements are modules.
  let isContainer: Bool
  /// Compares its tensors with its sizes.
  let match: Match
  /// The forward pass.
  let apply: Apply

  /// Describes a class by its constructor: `Linear(in_features, out_features, bias=True)`.
  init(
    _ signature: String, isContainer: Bool = false, match: @escaping Match = { _, _, _ in },
    _ apply: @escaping Apply
  ) {
    let open = signature.firstIndex(of: "(") ?? signature.endIndex
    name = String(signature[..<open])
    parameters = signature[open...].dropFirst().dropLast().split(separator: ",").map { part in
      let words = part.filter { $0 != " " }.split(separator: "=", maxSplits: 1).map(String.init)
      return (words[0], words.count > 1 ? Self.value(words[1]) : nil)
    }
    self.isContainer = isContainer
    self.match = match
    self.apply = apply
  }

  private static func value(_ text: String) -> GraphValue {
    switch text {
    case "None": .nothing
    case "True": .flag(true)
    case "False": .flag(false)
    default:
      Int(text).map { GraphValue.integer($0) } ?? Double(text).map { .number($0) } ?? .text(text)
    }
  }

  /// Whether its objects can have a tensor of this name.
  func hasTensor(_ name: String) -> Bool {
    name == "bias" || name == "running_mean" || name == "running_var" || name.hasPrefix("weight")
      || name.hasPrefix("bias_") || name == "in_proj_weight" || name == "in_proj_bias"
  }
}

/// The classes of `torch.nn` that sources are read with.
enum SourceModules {
  private static let all: [SourceModuleKind] =
    weighted + recurrent + plain + containers + attention

  private static let byName = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })

  /// The names of the classes.
  static let names: [String] = byName.keys.sorted()

  /// The class with this full name, `torch.nn.LSTM` or `torch.nn.modules.rnn.LSTM`.
  static func kind(_ name: String) -> SourceModuleKind? {
    guard name.hasPrefix("torch.nn.") || name.hasPrefix("torch.jit.") else { return nil }
    return name.split(separator: ".").last.flatMap { byName[String($0)] }
  }

  /// The classes that compute every position of a sequence by itself.
  static let positionwise: Set = [
    "Linear", "Embedding", "LayerNorm", "ReLU", "Tanh", "Sigmoid", "SiLU", "Mish", "ReLU6", "SELU",
    "Softsign", "LeakyReLU", "ELU", "GELU", "Softplus", "Hardtanh", "Identity", "Dropout",
  ]

  /// Whether an object is of a base class of torch: `nn.RNNBase`; nil for a class that is not known.
  static func inherits(_ object: SourceObject, from base: String) -> Bool? {
    guard base.hasPrefix("torch.nn."), let last = base.split(separator: ".").last else {
      return nil
    }
    let name = object.kind?.name ?? ""
    switch last {
    case "RNNBase": return ["LSTM", "GRU", "RNN", "RNNBase"].contains(name)
    case "RNNCellBase": return ["LSTMCell", "GRUCell", "RNNCell"].contains(name)
    case "_ConvNd": return name.hasPrefix("Conv")
    case "_BatchNorm": return name.hasPrefix("BatchNorm")
    default: return nil
    }
  }

  /// Whether classes that inherit from this one are modules.
  static func isModuleBase(_ name: String) -> Bool {
    name.hasSuffix(".Module") || name.hasSuffix("LightningModule")
      || name == "torch.jit.ScriptModule"
      || name.hasSuffix(".PreTrainedModel") || name.hasSuffix("PyTorchModelHubMixin")
  }
}

extension SourceInterpreter {
  /// Runs the constructor of a class of `torch.nn`.
  mutating func construct(
    _ object: SourceObject, _ kind: SourceModuleKind, _ arguments: SourceArguments
  ) throws(SourceStop) {
    if kind.isContainer {
      try fill(object, kind, arguments)
      return
    }
    var rest = arguments.positional[...]
    var keywords = arguments.keywords
    for parameter in kind.parameters {
      if let value = rest.popFirst() {
        object[parameter.name] = value
      } else if let position = keywords.firstIndex(where: { $0.name == parameter.name }) {
        object[parameter.name] = keywords.remove(at: position).value
      } else if let value = parameter.value {
        object[parameter.name] = .plain(value)
      } else if let unknown = arguments.unknown {
        object[parameter.name] = .unknown(unknown)
      } else {
        throw problem("nn.\(kind.name) is made without '\(parameter.name)'")
      }
    }
    guard rest.isEmpty else { throw problem("nn.\(kind.name) is made with too many arguments") }
    if let extra = keywords.first(where: { !["device", "dtype", "inplace"].contains($0.name) }) {
      throw problem("nn.\(kind.name) has an argument '\(extra.name)', which is not supported")
    }
  }

  /// Puts modules into a container.
  private mutating func fill(
    _ object: SourceObject, _ kind: SourceModuleKind, _ arguments: SourceArguments
  ) throws(SourceStop) {
    if kind.name == "Sequential" {
      if arguments.positional.count == 1, case .dictionary(let entries) = arguments.positional[0] {
        return fill(object, entries)
      }
      object.children = try needed(all: arguments.positional).enumerated().map { ("\($0)", $1) }
      return
    }
    guard let first = arguments.value("modules", at: 0) else { return }
    switch first {
    case .dictionary(let entries): fill(object, entries)
    case .plain(let value) where value.isNothing: break
    case .unknown(let unknown): throw problem(unknown.reason, at: unknown.place)
    default:
      let values = try elements(first)
      if kind.name == "ModuleDict" {
        for value in values {
          guard case .tuple(let pair) = value, pair.count == 2 else { continue }
          object.children.append((SourceInterpreter.childName(try key(pair[0])), pair[1]))
        }
      } else {
        object.children = values.enumerated().map { ("\($0)", $1) }
      }
    }
  }

  private func fill(_ object: SourceObject, _ entries: SourceDictionary) {
    object.children = entries.keys.map {
      (SourceInterpreter.childName($0), entries[$0] ?? .none)
    }
  }

  /// The forward pass of a class of `torch.nn`.
  mutating func apply(
    _ kind: SourceModuleKind, _ object: SourceObject, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    if let first = arguments.positional.first, case .step(let step) = first, !kind.isContainer,
      !kind.name.hasSuffix("Cell")
    {
      guard SourceModules.positionwise.contains(kind.name), let sequence = step.sequence else {
        throw problem("nn.\(kind.name) in a loop over timesteps is not supported")
      }
      let result = try apply(kind, object, SourceArguments(positional: [.plain(sequence)]))
      return .step(SourceStep(sequence: result.array))
    }
    let outer = builder.name
    if let path = object.path, !path.isEmpty { builder.name = path }
    defer { builder.name = outer }
    return try kind.apply(&self, object, arguments)
  }

  /// The first argument of a module: an array.
  mutating func operand(
    _ arguments: SourceArguments, _ name: String = "input", at position: Int = 0,
    hint: SourceHint? = nil
  ) throws(SourceStop) -> GraphValue {
    guard let value = arguments.value(name, at: position) else {
      throw problem("a module is called without '\(name)'")
    }
    if case .argument(let own) = value { return try input(own, hint) }
    if case .unknown(let unknown) = value { throw problem(unknown.reason, at: unknown.place) }
    guard let array = value.array else {
      throw problem("a module is called with \(value.title), not with an array")
    }
    try check(value)
    return array
  }

  /// A whole number among the options of a module.
  func option(_ object: SourceObject, _ name: String) throws(SourceStop) -> Int {
    guard let value = object[name]?.integer else {
      throw problem(
        "'\(name)' of '\(object.path ?? object.className)' is not known", code: .sourceModel,
        at: object.place)
    }
    return value
  }

  /// A Boolean among the options of a module.
  func flag(_ object: SourceObject, _ name: String) throws(SourceStop) -> Bool {
    switch object[name] {
    case .plain(.flag(let value))?: return value
    case .plain(.size(.fixed(let value)))?: return value != 0
    case .plain(.nothing)?: return false
    default:
      throw problem(
        "'\(name)' of '\(object.path ?? object.className)' is not known", code: .sourceModel,
        at: object.place)
    }
  }

  /// Calls a function with the options of a module of these names.
  mutating func apply(
    _ function: String, _ x: GraphValue, _ object: SourceObject, _ options: [String],
    tensors names: [String] = []
  ) throws(SourceStop) -> SourceValue {
    var keywords: [(name: String, value: SourceValue)] = []
    for name in names { keywords.append((name, try optionalTensor(object, name))) }
    for option in options {
      let words = option.split(separator: ":").map(String.init)
      let value = object[words[0]] ?? .none
      if case .unknown(let unknown) = value { throw problem(unknown.reason, at: unknown.place) }
      keywords.append((words.last ?? option, value))
    }
    return try torch(function, [.plain(x)], keywords)
  }

  /// A tensor of a module; none when its constructor was told to make none.
  mutating func optionalTensor(
    _ object: SourceObject, _ name: String
  ) throws(SourceStop) -> SourceValue {
    if let value = object[name], value.isNone || value.flag == false { return .none }
    if name == "weight" || name == "bias", object["affine"]?.flag == false { return .none }
    if name == "weight" || name == "bias", object["elementwise_affine"]?.flag == false {
      return .none
    }
    return try tensor(object, name)
  }

  /// Learns that the arguments of which an array is computed have as many axes as a module needs.
  func demandRank(_ x: GraphValue, _ rank: Int) throws(SourceStop) {
    guard try extents(x).count != rank, !facts.contains(.rank(rank)),
      !facts.contains(where: { if case .rank = $0 { true } else { false } })
    else { return }
    throw .learned(.rank(rank))
  }

  /// Learns that an axis of an argument has the extent that a module needs.
  mutating func demand(
    _ x: GraphValue, axis: Int, _ extent: Int
  ) throws(SourceStop) {
    let shape = try extents(x)
    let own = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(own), let solved = shape[own].solved(for: extent),
      solved.name.hasPrefix("features") || solved.name.hasPrefix("axis"), solved.value > 0,
      // An extent that is known and stays free is one of another array.
      !facts.contains(.extent(solved.name, solved.value))
    else { return }
    throw .learned(.extent(solved.name, solved.value))
  }
}
