import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors

/// Tensors whose names and forms are not torch's, made so by what a declaration says of them.
///
///     {"type": "nn.LSTM", "weight_ih": "enc_w_ih", "weight_hh": "enc_w_hh", "bias_ih": "enc_b",
///      "order": "igfo", "orientation": "inputs-by-outputs", "bias": "one", "forget_bias": 1.0}
///
/// A module is then read as if its file had been torch's. Matrices are turned and gates exchanged as
/// views; only a forget bias that is added makes new numbers, each rounded once.
struct DeclaredTensors {
  private let stateDict: StateDict
  /// The tensor that is read under a key of torch's; nil for one that is made.
  private var restated: [(key: String, source: String?, tensor: Tensor)] = []
  private var findings: [Diagnostic] = []
  private var notes: [Diagnostic] = []
  private var keys: Set<String>

  private init(_ stateDict: StateDict, _ keys: Set<String>) {
    self.stateDict = stateDict
    self.keys = keys
  }

  /// The state dict as `declaration` says that it is meant, and the declaration without what is said
  /// of names and forms.
  ///
  /// - Throws: `tensor.missing`, `tensor.shape-mismatch`, `pytorch.option.unsupported`, everything that
  ///   is wrong in one error; `tensor.duplicate`.
  static func applying(
    _ declaration: PyTorchDeclaration, to stateDict: StateDict
  ) throws(CheckpointError) -> (StateDict, PyTorchDeclaration) {
    let layers = declaration.layers.map(DeclaredForm.init)
    guard layers.contains(where: \.saysSomething) else { return (stateDict, declaration) }
    var reader = DeclaredTensors(stateDict, Set(declaration.layers.compactMap(\.key)))
    var declaration = declaration
    for index in layers.indices where layers[index].saysSomething {
      declaration.layers[index] = try reader.read(layers[index])
    }
    if let error = CheckpointError(findings: reader.findings) { throw error }
    return (try reader.result(), declaration)
  }

  private func result() throws(CheckpointError) -> StateDict {
    var result = stateDict
    result.tensors = TensorTable()
    let sources = Set(restated.compactMap(\.source).map { Name($0) })
    for (name, tensor) in stateDict.tensors.entries where !sources.contains(Name(name)) {
      try result.tensors.append(name, tensor)
    }
    for entry in restated { try result.tensors.append(entry.key, entry.tensor) }
    for other in stateDict.tensors.unreadable { try result.tensors.append(other) }
    result.diagnostics += notes
    return result
  }

  private mutating func read(
    _ form: DeclaredForm
  ) throws(CheckpointError) -> PyTorchDeclaration.DeclaredModule {
    findings += form.findings
    var layer = form.layer
    let key = layer.key ?? unusedKey(for: layer)
    layer.key = key
    var sources: [(parameter: String, source: String)] = []
    for (parameter, source) in form.names {
      guard stateDict.tensors[source] != nil else {
        let nearest = suggestion(for: source, among: stateDict.tensors.names)
        findings.append(
          Diagnostic(
            .tensorMissing, .error, "there is no tensor '\(source)', which \(layer.type) declares",
            at: layer.location, expected: "'\(parameter)': a name in the file",
            found: firstNames(stateDict.tensors.names),
            hint: nearest.map { "did you mean '\($0)'?" }))
        continue
      }
      sources.append((parameter, source))
    }
    let named = Set(form.names.map(\.parameter))
    for parameter in stateDict.tensors.names.compactMap({ Self.parameter($0, of: key) })
    where !named.contains(parameter) && form.isParameter(parameter) {
      sources.append((parameter, StateDictKeys.joined(key, parameter)))
    }
    let hasBias = sources.contains { RecurrentParameter.otherBias($0.parameter) != nil }
    if form.forgetBias != nil, !hasBias {
      findings.append(
        Diagnostic(
          .pytorchOptionDisagrees, .error,
          "\(layer.type) is declared with \"forget_bias\", and has no bias to add it to",
          at: layer.location, expected: "\"bias_ih\": a name in the file", found: "no bias"))
    }
    if form.hasOneBias, !hasBias {
      let names = stateDict.tensors.entries.filter { $0.tensor.rank == 1 }.map { "'\($0.name)'" }
      findings.append(
        Diagnostic(
          .pytorchOptionDisagrees, .error,
          "\(layer.type) is declared with \"bias\": \"one\", and nothing says which tensor that is",
          at: layer.location, expected: "\"bias_ih\": a name in the file",
          found: names.isEmpty
            ? "no bias"
            : firstNames(names)))
    }
    guard findings.isEmpty else { return layer }
    let rows = form.rows(
      Dictionary(
        sources.compactMap { source in
          stateDict.tensors[source.source].map { (source.parameter, $0) }
        }, uniquingKeysWith: { one, _ in one }))
    var changes: [String] = []
    for (parameter, source) in sources {
      guard let tensor = stateDict.tensors[source] else { continue }
      if let finding = form.transposed(tensor, source, parameter, rows: rows) {
        findings.append(finding)
        continue
      }
      let target = StateDictKeys.joined(key, parameter)
      let (made, change) = try form.restated(tensor, parameter)
      restated.append((target, source, made))
      if change != nil || source != target {
        changes.append("'\(source)' as '\(target)'" + (change.map { ": \($0)" } ?? ""))
      }
      guard form.hasOneBias, let other = RecurrentParameter.otherBias(parameter) else { continue }
      guard !sources.contains(where: { $0.parameter == other }) else {
        guard parameter.hasPrefix(RecurrentParameter.bias.rawValue) else { continue }
        findings.append(
          Diagnostic(
            .pytorchOptionDisagrees, .error,
            "\(layer.type) is declared with one bias, and there are two", at: tensor.location,
            expected: "'\(source)' alone", found: "'\(parameter)' and '\(other)'"))
        continue
      }
      let zeros = try Tensor.zeros(tensor.elementType, shape: made.shape)
      let otherKey = StateDictKeys.joined(key, other)
      restated.append((otherKey, nil, zeros))
      changes.append("'\(otherKey)' as zeros")
    }
    guard !changes.isEmpty else { return layer }
    notes.append(
      Diagnostic(
        .pytorchTensorsDeclared, .note, "tensors of '\(key)' are read as the declaration says",
        at: layer.location, notes: changes))
    return layer
  }

  /// The name of a tensor in the module of `key`, or nil for one that is not in it.
  private static func parameter(_ name: String, of key: String) -> String? {
    if key.isEmpty { return name.contains(".") ? nil : name }
    guard name.hasPrefix(key + ".") else { return nil }
    let parameter = String(name.dropFirst(key.count + 1))
    return parameter.contains(".") ? nil : parameter
  }

  /// A key for a module all of whose tensors are named.
  private mutating func unusedKey(for layer: PyTorchDeclaration.DeclaredModule) -> String {
    let word = layer.typeName.split(separator: ".").last.map { $0.lowercased() } ?? "module"
    var (key, number) = (word, 0)
    while !keys.insert(key).inserted {
      number += 1
      key = "\(word)_\(number)"
    }
    return key
  }
}

extension PyTorchDeclaration {
  /// What stands before the last dot in names that tensors have in the file.
  var declaredNames: [String] {
    layers.flatMap { DeclaredForm($0).names }.compactMap { name in
      name.source.lastIndex(of: ".").map { String(name.source[..<$0]) }
    }
  }
}

extension RecurrentParameter {
  /// The bias that torch adds to this one: `bias_hh_l0` of `bias_ih_l0`; nil for what is no bias.
  fileprivate static func otherBias(_ parameter: String) -> String? {
    for (one, other) in [(Self.bias, Self.recurrentBias), (.recurrentBias, .bias)]
    where parameter.hasPrefix(one.rawValue) {
      return other.name(String(parameter.dropFirst(one.rawValue.count)))
    }
    return nil
  }
}

extension Diagnostic.Code {
  static let pytorchTensorsDeclared = Self(rawValue: "pytorch.tensors.declared")
}
