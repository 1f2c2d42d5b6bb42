import RecurContainers
import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// The modules of another framework's file as tensors under torch's keys.
///
/// Tensors are views of the file, gates exchanged and matrices turned; only what torch needs and the
/// file lacks is new, and zero.
struct DialectTensors {
  private var table = TensorTable()
  private var told: [Name: [(name: String, value: JSONValue)]] = [:]
  private var notes: [String] = []
  private var findings: [Diagnostic] = []
  private let framework: String

  private init(_ framework: String) { self.framework = framework }

  /// `stateDict` as torch would name it, by the first dialect that knows its names; itself when none does.
  ///
  /// The declaration is that of a file which says more than one module after the other.
  ///
  /// - Throws: what the dialect throws; `model.unrepresentable` for cells that no module of a declaration
  ///   is; `tensor.duplicate`.
  static func restated(
    _ stateDict: StateDict, by dialects: [any TensorDialect]
  ) throws(CheckpointError) -> (stateDict: StateDict, declaration: PyTorchDeclaration?) {
    for dialect in dialects {
      guard let read = try dialect.modules(of: stateDict) else { continue }
      var tensors = DialectTensors(dialect.framework)
      for module in read.modules { try tensors.append(module) }
      if let error = CheckpointError(findings: tensors.findings) { throw error }
      for (name, tensor) in read.others.entries { try tensors.table.append(name, tensor) }
      for other in stateDict.tensors.unreadable + read.others.unreadable {
        try tensors.table.append(other)
      }
      return (tensors.result(stateDict, read), read.mixedDirections.map(Self.declaration))
    }
    return (stateDict, nil)
  }

  private func result(_ stateDict: StateDict, _ read: DialectModules) -> StateDict {
    var result = stateDict
    result.tensors = table
    result.told = told
    result.framework = framework
    result.diagnostics += read.diagnostics
    result.diagnostics.append(
      Diagnostic(
        .tensorsDialect, .note,
        "the names of the tensors are those of \(framework): its modules are read as the modules of a "
          + "declaration with the same results",
        notes: notes))
    return result
  }

  // MARK: modules

  private mutating func append(_ module: DialectModule) throws(CheckpointError) {
    let key = module.key
    notes += module.remarks.map { key.isEmpty ? $0 : "'\(key)': \($0)" }
    func name(_ parameter: String) -> String { StateDictKeys.joined(key, parameter) }
    switch module.content {
    case .recurrent(let cell):
      try append(cell, key, ending: RecurrentParameter.suffix(layer: 0), module)
    case .bidirectional(let forward, let backward):
      guard Self.areAlike(forward, backward) else {
        let parts = Self.directionKeys(key)
        let suffix = RecurrentParameter.suffix(layer: 0)
        try append(forward, parts.forward, ending: suffix, module)
        try append(backward, parts.backward, ending: suffix, module)
        return
      }
      for (cell, isReverse) in [(forward, false), (backward, true)] {
        try append(
          cell, key, ending: RecurrentParameter.suffix(layer: 0, isReverse: isReverse), module)
      }
    case .product(let weight, let bias):
      try table.append(name("weight"), weight)
      if let bias { try table.append(name("bias"), bias) }
    case .table(let weight): try table.append(name("weight"), weight)
    case .normalization(let scale, let shift, let moments):
      if let scale { try table.append(name("weight"), scale) }
      if let shift { try table.append(name("bias"), shift) }
      if let moments {
        try table.append(name("running_mean"), moments.mean)
        try table.append(name("running_var"), moments.variance)
      }
    }
    if let epsilon = module.epsilon { tell(key, "eps", .number(epsilon)) }
  }

  private mutating func tell(_ key: String, _ option: String, _ value: JSONValue) {
    told[Name(key), default: []].append((option, value))
  }

  private mutating func append(
    _ cell: RecurrentCell, _ key: String, ending: String, _ module: DialectModule
  ) throws(CheckpointError) {
    func name(_ parameter: RecurrentParameter) -> String {
      StateDictKeys.joined(key, parameter.name(ending))
    }
    if case .lstm(let cell) = cell {
      guard cell.peepholes == nil, cell.activation == .tanh, cell.recurrentActivation == .sigmoid
      else { return refuse(module, "an LSTM with peepholes or other functions") }
      try append(cell.weights, PyTorchLayouts.lstm, name)
      if let projection = cell.projection { try table.append(name(.projection), projection) }
    } else if case .gru(let cell) = cell {
      if cell.resetPlacement == .beforeProduct, !isTold(key, PyTorchRecurrentKind.resetOption) {
        tell(key, PyTorchRecurrentKind.resetOption, false)
      }
      try append(cell.weights, PyTorchLayouts.gru, name)
    } else if case .simpleRNN(let cell) = cell {
      if !module.isFunctionOpen, !isTold(key, "nonlinearity") {
        tell(key, "nonlinearity", .string(cell.activation == .relu ? "relu" : "tanh"))
      }
      try append(cell.weights, PyTorchLayouts.simpleRNN, name)
    } else {
      refuse(module, "a cell of another kind")
    }
  }

  private func isTold(_ key: String, _ option: String) -> Bool {
    told[Name(key)]?.contains { $0.name == option } ?? false
  }

  private mutating func refuse(_ module: DialectModule, _ what: String) {
    findings.append(
      Diagnostic(
        .modelUnrepresentable, .error,
        "'\(module.key)' is \(what), and no module of a declaration is",
        at: .init(object: module.key)))
  }

  /// Joins gates to torch's tensors, as views; one bias becomes the first of two.
  private mutating func append<Gate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>,
    _ name: (RecurrentParameter) -> String
  ) throws(CheckpointError) {
    func joined(_ gates: GateMap<Gate, Tensor>) throws(CheckpointError) -> Tensor {
      let parts = layout.gateOrder.map { gates[$0] }
      return try Tensor.joined(parts, axis: 0).located(at: parts[0].location)
    }
    try table.append(name(.kernel), joined(weights.kernel))
    try table.append(name(.recurrentKernel), joined(weights.recurrentKernel))
    switch weights.bias {
    case .none: break
    case .single(let one):
      let bias = try joined(one)
      try table.append(name(.bias), bias)
      try table.append(
        name(.recurrentBias), Tensor.zeros(bias.elementType, shape: bias.shape))
    case .split(let input, let recurrent):
      try table.append(name(.bias), joined(input))
      try table.append(name(.recurrentBias), joined(recurrent))
    }
  }

  // MARK: two directions

  /// Whether two cells are the directions of one module of torch.nn.
  private static func areAlike(_ one: RecurrentCell, _ other: RecurrentCell) -> Bool {
    guard one.inputSize == other.inputSize, one.units == other.units,
      one.tensors.map(\.role) == other.tensors.map(\.role)
    else { return false }
    switch (one, other) {
    case (.lstm, .lstm): return true
    case (.gru(let one), .gru(let other)): return one.resetPlacement == other.resetPlacement
    case (.simpleRNN(let one), .simpleRNN(let other)): return one.activation == other.activation
    default: return false
    }
  }

  private static func directionKeys(_ key: String) -> (forward: String, backward: String) {
    (StateDictKeys.joined(key, "forward_rnn"), StateDictKeys.joined(key, "backward_rnn"))
  }

  /// A declaration of two modules that read the sequence from either end, outputs side by side.
  private static func declaration(_ pair: DialectModules.MixedDirections) -> PyTorchDeclaration {
    let keys = directionKeys(pair.key)
    func module(_ cell: RecurrentCell, _ key: String, _ input: String)
      -> PyTorchDeclaration.DeclaredModule
    {
      var options = JSONObject()
      _ = options.append("batch_first", true)
      return .init(
        type: cell.torchClassName, key: key, options: options, location: .init(),
        inputs: [.string(input)])
    }
    func function(
      _ type: String, _ name: String, _ inputs: [String], _ option: (String, JSONValue)
    ) -> PyTorchDeclaration.DeclaredModule {
      var options = JSONObject()
      _ = options.append(option.0, option.1)
      return .init(
        type: type, key: nil, options: options, location: .init(), name: name,
        inputs: inputs.map { .string($0) })
    }
    return PyTorchDeclaration(
      inputs: ["x"],
      layers: [
        module(pair.forward, keys.forward, "x"),
        function("torch.flip", "turned", ["x"], ("dims", [1])),
        module(pair.backward, keys.backward, "turned"),
        function("torch.flip", "returned", [keys.backward], ("dims", [1])),
        function("torch.cat", "both", [keys.forward, "returned"], ("dim", -1)),
      ])
  }
}

extension DialectModules {
  /// The cells of a file that is one module of two directions, which no module of torch.nn holds.
  fileprivate struct MixedDirections {
    let key: String
    let forward: RecurrentCell
    let backward: RecurrentCell
  }

  fileprivate var mixedDirections: MixedDirections? {
    guard modules.count == 1, others.names.isEmpty,
      case .bidirectional(let forward, let backward) = modules[0].content,
      forward.torchClassName != backward.torchClassName
    else { return nil }
    return MixedDirections(key: modules[0].key, forward: forward, backward: backward)
  }
}

extension RecurrentCell {
  /// The class of torch.nn as which a cell of another framework is read.
  fileprivate var torchClassName: String {
    switch definition {
    case is LSTM: "nn.LSTM"
    case is GRU: "nn.GRU"
    default: "nn.RNN"
    }
  }
}

extension Diagnostic.Code {
  static let tensorsDialect = Self(rawValue: "tensors.dialect")
}
