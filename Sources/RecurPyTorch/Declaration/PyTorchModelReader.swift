import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// Makes a canonical model of a declaration and the tensors of a state dict.
///
/// All problems are collected, so that every module is reported at once.
struct PyTorchModelReader {
  let declaration: PyTorchDeclaration
  private let tensors: TensorTable
  var findings: [Diagnostic] = []
  private(set) var nodes: [Model.Node] = []
  private(set) var shapes = ModelShapes()
  private(set) var kinds = NumberKinds()
  /// The positions of nodes by name.
  private var positions: [Name: Int] = [:]
  /// The values of the model's arguments.
  private(set) var given: [String: PyTorchFlow] = [:]
  /// The names of nodes that are taken.
  var names: Set<String> = []
  /// The place of the current module in the declaration.
  private(set) var place = Diagnostic.Location()
  /// The results of modules, by name: `output`, and `h_n` and `c_n` of recurrent modules.
  var results: [String: [String: PyTorchFlow]] = [:]
  /// The arguments of a call.
  var arguments: PyTorchArguments
  private var used: Set<Name> = []
  /// The missing keys, with the positions of their findings.
  private var missing: [(key: String, finding: Int)] = []

  init(_ declaration: PyTorchDeclaration, _ tensors: TensorTable) {
    self.declaration = declaration
    self.tensors = tensors
    arguments = PyTorchArguments(declaration)
  }

  /// The model, checked, and warnings about tensors that no module uses.
  ///
  /// - Throws: all errors in one.
  mutating func model(
    named name: String, producer: String
  ) throws(CheckpointError) -> (model: Model, diagnostics: [Diagnostic]) {
    findings += arguments.findings
    place = declaration.layers[0].location
    var flow: PyTorchFlow? = try addInputs()
    for (index, layer) in declaration.layers.enumerated() {
      place = layer.location
      let name = arguments.layerNames[index]
      let operands = operands(of: layer, before: flow)
      if layer.isFunction {
        flow = operands.flatMap { apply(function: layer, named: name, to: $0) }
        continue
      }
      // Modules behind one that can't be read are read too, so that their errors are reported.
      var module = PyTorchModuleReader(layer, name: name)
      let read = try module.read(&self, rank: operands?.first?.flow.map(rank))
      findings += read == nil ? module.options.findings : module.options.finished()
      guard let read, let operands else {
        flow = nil
        continue
      }
      flow = apply(read, layer, named: name, to: operands)
    }
    let outputs = flow.map { self.outputs($0) } ?? []
    if let error = CheckpointError(findings: withSimilarNames()) { throw error }
    let model = Model(
      name: name, producer: producer, nodes: needed(for: outputs), inputs: arguments.names,
      outputs: outputs)
    return (try model.validated().withFixedLength(), findings + unused())
  }

  mutating func append(_ node: Model.Node) {
    positions[Name(node.name)] = nodes.count
    nodes.append(node)
    shapes.add(node)
    kinds.add(node)
  }

  /// The node that gives a value.
  func node(of value: Model.Value) -> Model.Node? { positions[Name(value.node)].map { nodes[$0] } }

  /// The type to which a value is rounded.
  func precision(of value: Model.Value) -> ElementType? { node(of: value)?.precision }

  /// The nodes without orders of axes that nothing uses any more.
  private func needed(for outputs: [Model.Value]) -> [Model.Node] {
    var used = Set(outputs.map { Name($0.node) })
    var kept: [Model.Node] = []
    for node in nodes.reversed() {
      if case .reshaping = node.layer, !used.contains(Name(node.name)) { continue }
      for value in node.operands { used.insert(Name(value.node)) }
      kept.append(node)
    }
    return kept.reversed()
  }

  mutating func report(
    _ code: Diagnostic.Code, _ message: String, at location: Diagnostic.Location? = nil,
    expected: String? = nil, found: String? = nil, reason: String? = nil, hint: String? = nil,
    advice: Diagnostic.Wording? = nil, fixes: [Diagnostic.Fix] = []
  ) {
    findings.append(
      Diagnostic(
        code, .error, message, at: location ?? place, expected: expected, found: found,
        reason: reason, hint: hint, fixes: fixes
      ).advising(advice))
  }

  // MARK: tensors

  /// The tensor of a key, if it exists; it counts as used.
  mutating func optional(_ key: String) -> Tensor? {
    guard let tensor = tensors[key] else { return nil }
    used.insert(Name(key))
    guard tensor.elementType.isFloatingPoint else {
      report(
        .tensorDtypeUnsupported,
        "'\(key)' holds \(tensor.elementType), not floating-point numbers", at: tensor.location)
      return nil
    }
    return tensor
  }

  /// The tensor of a key; a missing tensor is reported.
  mutating func required(_ key: String) -> Tensor? {
    if let tensor = optional(key) { return tensor }
    guard tensors[key] == nil else { return nil }
    missing.append((key, findings.count))
    report(
      .tensorMissing, "there is no tensor '\(key)'",
      advice: "'\(.inspection)' lists what there is")
    return nil
  }

  /// Whether the state dict has a key.
  func has(_ key: String) -> Bool { tensors[key] != nil }

  /// A tensor that torch keeps beside weights and that computes nothing.
  mutating func bookkeeping(_ key: String) -> Tensor? {
    guard let tensor = tensors[key] else { return nil }
    used.insert(Name(key))
    return tensor
  }

  private func unused(_ renaming: StateDictRenaming? = nil) -> [Diagnostic] {
    tensors.entries.filter { !used.contains(Name($0.name)) }.map { entry in
      Diagnostic(
        .tensorUnused, .warning, "no declared module uses '\(entry.name)'",
        at: entry.tensor.location, hint: renaming?.hint(forUnused: entry.name))
    } + tensors.leftOut
  }

  /// The findings; each missing tensor comes with the one that is likely meant.
  private func withSimilarNames() -> [Diagnostic] {
    guard !missing.isEmpty else { return findings }
    let renaming = StateDictRenaming(
      missing: missing.map(\.key), unused: strangeNames,
      declared: declaration.layers.compactMap(\.key))
    var completed = findings
    for (key, position) in missing { renaming.complete(&completed[position], key) }
    let meant = unused(renaming).filter { finding in finding.hint != nil }
    return completed + meant
  }

  /// The keys that nothing uses and that no declared module can have.
  ///
  /// A module with a missing tensor is not read to its end, so its other tensors count as used.
  private var strangeNames: [String] {
    let keys = Set(declaration.layers.compactMap(\.key).map(Name.init))
    return tensors.names.filter { name in
      guard !used.contains(Name(name)) else { return false }
      let dot = name.lastIndex(of: ".")
      let leaf = dot.map { String(name[name.index(after: $0)...]) } ?? name
      let isOwn = keys.contains(Name(dot.map { String(name[..<$0]) } ?? ""))
      return !isOwn || !Self.isParameter(leaf)
    }
  }

  /// Whether a parameter of torch.nn can have this name: `weight`, `bias_hh`,
  /// `weight_ih_l1_reverse`.
  private static func isParameter(_ leaf: String) -> Bool {
    if RecurrentParameter.names(leaf) { return true }
    let names = Set(PyTorchClass.all.flatMap(\.parameters))
    // The parts of a computed weight have a word behind its name: weight_g, weight_orig.
    let parts = leaf.split(separator: "_", omittingEmptySubsequences: false)
    return names.contains(leaf) || parts.count == 2 && names.contains(String(parts[0]))
  }

  // MARK: the call

  /// Adds the nodes of all arguments.
  ///
  /// - Returns: the first one.
  private mutating func addInputs() throws(CheckpointError) -> PyTorchFlow {
    try addInput(arguments.sequence)
    for name in arguments.others { try addInput(name) }
    if let lengths = arguments.lengths {
      append(
        Model.Node(
          name: lengths, layerName: lengths,
          layer: .input(Input(shape: [nil], elementType: .int64, acceptsOtherTypes: false)),
          inputs: [], location: place))
    }
    names.formUnion(arguments.names)
    return PyTorchFlow(value: Model.Value(arguments.sequence))
  }

  /// Adds the node of an argument, whose shape is declared or told by the modules that are given it.
  private mutating func addInput(_ name: String) throws(CheckpointError) {
    let form = declaration.forms.first { Name($0.name) == Name(name) }
    let told = try PyTorchInputShape(self, path: path(from: name))
    if form?.shape == nil, !told.isTold {
      report(
        .pytorchDeclarationInvalid, "no module tells the shape of the input '\(name)'",
        hint: "declare it: {\"name\": \"\(name)\", \"shape\": [null, 10, 3]}")
    }
    let (type, extents) = (form?.type ?? told.elementType, form?.shape ?? told.extents)
    // The only free extent of a declared shape is the batch.
    let free = extents.indices.filter { extents[$0] == nil }
    append(
      Model.Node(
        name: name, layerName: name,
        layer: .input(
          Input(
            shape: extents, elementType: type,
            batchAxis: form?.shape != nil && free.count == 1
              ? free[0] : extents.indices.contains(told.batchAxis) ? told.batchAxis : 0,
            acceptsOtherTypes: false)),
        inputs: [], precision: type.isArithmetic ? type : .float32, location: place))
    given[name] = PyTorchFlow(value: Model.Value(name))
  }

  /// The mask of the lengths for a sequence `[batch, timesteps, …]`, made once for each number of
  /// timesteps.
  mutating func mask(for value: Model.Value) -> Model.Value? {
    guard let lengths = arguments.lengths else { return nil }
    if let mask = arguments.mask { return mask }
    let mask = add("\(lengths).mask", .lengthMask(LengthMask()), [value, Model.Value(lengths)])
    arguments.mask = mask
    return mask
  }

  private mutating func outputs(_ last: PyTorchFlow) -> [Model.Value] {
    guard let declared = declaration.outputs else {
      let name = arguments.layerNames.last ?? ""
      guard arguments.isSole, let parts = results[name], parts["selected"] == nil else {
        return [seen(last)]
      }
      return ["output", "h_n", "c_n"].compactMap { parts[$0] }.map { seen($0) }
    }
    var values: [Model.Value] = []
    for name in declared {
      guard let flow = flow(named: name) else {
        report(
          .pytorchDeclarationInvalid, "the output '\(name)' is no result of a declared module",
          hint: "modules are called "
            + arguments.layerNames.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
            + (arguments.layerNames.count > 12 ? ", … (\(arguments.layerNames.count))" : "")
            + "; recurrent ones also have .output, .h_n and .c_n")
        continue
      }
      values.append(seen(flow))
    }
    return values
  }
}

extension PyTorchModelReader {
  /// The nodes of the only declared module, with weights and without connections; nil if it can't
  /// be read.
  mutating func layers() throws(CheckpointError) -> [Model.Node]? {
    let layer = declaration.layers[0]
    var module = PyTorchModuleReader(layer, name: arguments.layerNames[0])
    guard let read = try module.read(&self, rank: nil) else { return nil }
    guard !(findings + module.options.finished()).contains(where: { $0.severity == .error }) else {
      return nil
    }
    let flow = PyTorchFlow(value: Model.Value(""))
    _ = apply(read, layer, named: arguments.layerNames[0], to: [.flow(flow)])
    let layers = nodes.filter { $0.layer.parameterCount > 0 }.map { node in
      var copy = node
      (copy.inputs, copy.initialState, copy.mask) = ([], [], nil)
      return copy
    }
    // A group of tensors that looks like a module but does not fit is no module: LayerNorm over two
    // axes has the names of a Linear.
    var model = Model(name: "", producer: "", nodes: layers, inputs: [], outputs: [])
    model.isConnected = false
    return model.findings().isEmpty ? layers : nil
  }
}
