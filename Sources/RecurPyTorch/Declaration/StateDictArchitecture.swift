import RecurContainers
import RecurFormats
import RecurModel
import RecurStateDicts
package import RecurTensors

/// Makes a model of a state dict, which has names and shapes but no architecture.
enum StateDictArchitecture {
  /// The model whose weights are in `stateDict`.
  ///
  /// With a given architecture, that one is used: a declaration in torch's words, or a model of any
  /// format whose weights are replaced. Without one, the architecture is inferred if each module
  /// fits the one before it. Otherwise the modules are listed without connections.
  /// - Throws: `pytorch.declaration.invalid`, `pytorch.option.disagrees`, `tensor.missing` and what
  ///   else is wrong, in one error.
  static func model(
    _ stateDict: StateDict, _ probe: FileProbe, _ options: DecodeOptions,
    told: PyTorchDeclaration? = nil
  ) throws(CheckpointError) -> DecodedModel {
    if let told, options.architecture == nil, options.readings.isEmpty {
      var decoded = try declared(told, stateDict, probe, options)
      decoded.coverage.isInferred = true
      return decoded.adding(stateDict.diagnostics, probe.path)
    }
    var stateDict = try stateDict.restoringDroppedWeights()
    if options.foldsWeightNorm { stateDict = try stateDict.foldingWeightNorm() }
    guard let architecture = options.architecture else {
      stateDict = try stateDict.strippingPrefixes()
      try stateDict.checkTransposes()
      return try inferred(stateDict, probe, options).adding(stateDict.diagnostics, probe.path)
    }
    if let json = try declarationJSON(architecture, options.limits, options.formats) {
      var declaration = try locating(file: architecture.path) { () throws(CheckpointError) in
        try PyTorchDeclaration(json, at: .init(file: architecture.path))
      }
      stateDict = try stateDict.strippingPrefixes(
        keeping: declaration.layers.compactMap(\.key) + declaration.declaredNames)
      (stateDict, declaration) = try DeclaredTensors.applying(declaration, to: stateDict)
      try stateDict.checkTransposes()
      try checkFolded(stateDict)
      let answered = try locating(file: architecture.path) { () throws(CheckpointError) in
        let answered = try declaration.answering(options.readings)
        try answered.checkFilledIn()
        return answered
      }
      return try declared(answered, stateDict, probe, options)
        .adding(stateDict.diagnostics, probe.path).declared(by: architecture, options.readings)
    }
    guard options.readings.isEmpty else {
      throw CheckpointError(
        Diagnostic(
          .fileOptionUnused, .error, "", at: .init(file: architecture.path),
          hint: "leave it out"
        ).saying("\(.readings()) says nothing: the architecture leaves nothing open"))
    }
    return try filled(architecture, stateDict, options).adding(stateDict.diagnostics, probe.path)
      .declared(by: architecture, options.readings)
  }

  /// Whether the given architecture is a declaration that names tensors of the file.
  ///
  /// - Throws: `pytorch.declaration.invalid`, `json.syntax`.
  static func namesTensors(
    of stateDict: StateDict, _ options: DecodeOptions
  ) throws(CheckpointError) -> Bool {
    guard let file = options.architecture,
      let json = try declarationJSON(file, options.limits, options.formats)
    else { return false }
    let declaration = try locating(file: file.path) { () throws(CheckpointError) in
      try PyTorchDeclaration(json, at: .init(file: file.path))
    }
    return declaration.layers.flatMap { DeclaredForm($0).names }.contains {
      stateDict.tensors[$0.source] != nil
    }
  }

  /// The keys of modules and of tensors that the given declaration has; nil when the architecture is none.
  ///
  /// - Throws: `pytorch.declaration.invalid`, `json.syntax`.
  static func declaredKeys(_ options: DecodeOptions) throws(CheckpointError) -> [String]? {
    guard let file = options.architecture,
      let json = try declarationJSON(file, options.limits, options.formats)
    else { return nil }
    let declaration = try locating(file: file.path) { () throws(CheckpointError) in
      try PyTorchDeclaration(json, at: .init(file: file.path))
    }
    return declaration.layers.compactMap(\.key) + declaration.declaredNames
  }

  /// The JSON of a declaration; nil when the file is a model.
  ///
  /// - Throws: `json.syntax` and other errors of JSON, when the file is no model in JSON either.
  private static func declarationJSON(
    _ file: FileProbe, _ limits: DecodeLimits, _ formats: FormatRegistry
  ) throws(CheckpointError) -> JSONValue? {
    if let json = file.json(limits), PyTorchDeclaration.recognizes(json) { return json }
    let start = try file.bytes.slice(at: 0, length: min(file.bytes.count, 64)).bytes()
    let first = start.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
    guard !formats.recognizes(file) else { return nil }
    // JSON that is no model must be meant as a declaration, so its errors are reported.
    return try locating(file: file.path) { () throws(CheckpointError) in
      try JSONParser.parse(file.bytes, limits: limits)
    }
  }

  /// The model of another file with the weights of this one.
  private static func filled(
    _ architecture: FileProbe, _ stateDict: StateDict, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    // The architecture must come from another format, because no state dict has one.
    guard let format = try options.formats.format(of: architecture) as? any ArchitectureLending
    else {
      throw CheckpointError(
        .pytorchArchitectureNeeded, "'\(architecture.path)' holds no architecture",
        at: .init(file: architecture.path)
      ).advising(
        "give a declaration of torch modules ('\(.declaration)' writes one to edit), or a model")
    }
    let taken = try format.convention.explaining { () throws(CheckpointError) in
      try (format as? any ArrayTaking)?.model(architecture, takingArrays: stateDict.tensors)
    }
    if let taken { return taken }
    let decoded = try format.convention.explaining { () throws(CheckpointError) in
      try format.lentModel(architecture)
    }
    let (model, diagnostics) = try StateDictMapping(decoded.model).decode(stateDict.tensors)
    return DecodedModel(
      model: model, diagnostics: diagnostics, convention: decoded.convention)
  }

  /// Refuses weights that are kept as a direction and a length: what they are is not in one tensor.
  static func checkFolded(_ stateDict: StateDict) throws(CheckpointError) {
    let findings = stateDict.parametrizedWeights.map { weight in
      Diagnostic(
        .pytorchParametrizationUnfolded, .error,
        "'\(weight.key)' is not stored: \(weight.parts.map { "'\($0)'" }.joined(separator: ", ")) "
          + "are, of which it is computed"
      ).advising("add \(.weightNormFolding)")
    }
    if let error = CheckpointError(findings: findings) { throw error }
  }

  static func declared(
    _ declaration: PyTorchDeclaration, _ stateDict: StateDict, _ probe: FileProbe,
    _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    var declaration = declaration
    declaration.inputs = options.inputs ?? declaration.inputs
    for index in declaration.layers.indices { declaration.layers[index].take(stateDict.told) }
    var reader = PyTorchModelReader(declaration, stateDict.tensors)
    let (model, diagnostics) = try reader.model(
      named: splitPath(probe.path).name, producer: stateDict.producer)
    return DecodedModel(
      model: model, diagnostics: diagnostics, convention: PyTorchConvention())
  }

  /// The declaration of what a file's names and shapes tell, as JSON.
  ///
  /// - Throws: `file.no-model` when they tell no module, and what reading the file throws.
  static func declaration(
    of stateDict: StateDict, _ probe: FileProbe
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic]) {
    try PyTorchConvention().explaining { () throws(CheckpointError) in
      try locating(file: probe.path) { () throws(CheckpointError) in
        // Folded or not, weights belong to the same modules.
        let stateDict = try stateDict.restoringDroppedWeights().strippingPrefixes()
          .foldingWeightNorm()
        let inference = PyTorchInference(stateDict)
        let draft = inference.draft
        guard !inference.declaration.layers.isEmpty else {
          throw CheckpointError(
            .pytorchArchitectureNeeded, "no tensor belongs to a known module of torch.nn",
            found: stateDict.tensors.names.prefix(4).joined(separator: ", ")
              + (stateDict.tensors.names.count > 4 ? ", …" : "")
          ).advising(.namesToDeclare)
        }
        var diagnostics = stateDict.diagnostics
        let assumed = inference.remarks + inference.assumptions
        if !assumed.isEmpty {
          diagnostics.append(
            Diagnostic(
              .architectureAssumed, inference.assumptions.isEmpty ? .note : .warning,
              "the tensors do not say all of the architecture", at: .init(file: probe.path),
              hint: draft.hasOpenParts
                ? "say what is null, and edit the declaration where it is otherwise"
                : "edit the declaration where it is otherwise",
              notes: assumed.map { "assumed: \($0)" }))
        }
        if !inference.isChain {
          diagnostics.append(
            Diagnostic(
              .pytorchModulesInferred, .note,
              "the modules do not follow each other without a gap: put them in the order of calls, and "
                + "leave out what is not called", at: .init(file: probe.path),
              notes: inference.others.isEmpty
                ? []
                : [
                  "no known module: " + inference.others.prefix(8).joined(separator: ", ")
                    + (inference.others.count > 8 ? ", … (\(inference.others.count))" : "")
                ]))
        }
        return (draft.text, diagnostics)
      }
    }
  }

  /// The modules by themselves: known gate by gate, but not how they follow each other.
  ///
  /// Each of `strays` gets a warning: it alone keeps them from being run.
  static func unconnected(
    _ stateDict: StateDict, _ probe: FileProbe, because reasons: [String] = [],
    strays: [String] = []
  ) throws(CheckpointError) -> DecodedModel {
    var nodes: [Model.Node] = []
    let modules = StateDictModules(stateDict).modules
    var findings: [Diagnostic] = []
    for module in modules { nodes += try layers(of: module, stateDict, &findings) }
    // What is no array of numbers is in no module.
    findings += stateDict.tensors.leftOut
    findings += strays.prefix(100).map { name in
      Diagnostic(
        .tensorUnused, .warning,
        "'\(name)' belongs to no known module: nothing is computed with it, nor without it",
        at: stateDict.tensors[name]?.location ?? .init(object: name)
      ).advising("say how the others follow each other with \(.architecture)")
    }
    let told = Self.told(modules.compactMap(\.layer))
    var model = Model(
      name: splitPath(probe.path).name, producer: stateDict.producer, nodes: nodes, inputs: [],
      outputs: [])
    model.isConnected = false
    let note = Diagnostic(
      .pytorchModulesInferred, .note,
      "a state dict has no architecture; its modules are told by the names and shapes of their "
        + "tensors, and how they follow each other is not known",
      remedies: [.declareModel], notes: told + reasons.map { "they can't be run: \($0)" }
    ).advising(
      "declare it: \(.declaration) writes the modules, to edit and to give back with "
        + "\(.architecture)")
    findings += stateDict.parametrizedWeights.map { weight in
      Diagnostic(
        .pytorchParametrizationUnfolded, .warning,
        "'\(weight.key)' is not stored, so its module is not recognized: "
          + "\(weight.parts.map { "'\($0)'" }.joined(separator: ", ")) are, of which it is computed"
      ).advising("add \(.weightNormFolding)")
    }
    return DecodedModel(
      model: try model.validated(), diagnostics: (told.isEmpty ? [] : [note]) + findings,
      convention: PyTorchConvention())
  }

  /// A list of the recurrent modules, and the counts of all other modules.
  private static func told(_ layers: [PyTorchDeclaration.DeclaredModule]) -> [String] {
    let recurrent = layers.filter { $0.recurrentKind != nil }.map { layer in
      "'\(layer.title)': \(layer.typeName)(\(layer.summary))"
    }
    let others = layers.filter { $0.recurrentKind == nil }
    let counts = Set(others.map(\.typeName)).sorted().map { type in
      "\(others.count { $0.typeName == type }) \(type)"
    }
    return recurrent + (counts.isEmpty ? [] : [counts.joined(separator: ", ")])
  }

  /// The layers of one module; for an unknown class, a layer with the module's tensors.
  private static func layers(
    of module: StateDictModules.Module, _ stateDict: StateDict, _ findings: inout [Diagnostic]
  ) throws(CheckpointError) -> [Model.Node] {
    if let layer = module.layer {
      let declaration = PyTorchDeclaration(layers: [layer])
      var reader = PyTorchModelReader(declaration, stateDict.tensors)
      if let nodes = try reader.layers() { return nodes }
      // Only a recurrent module has such names, so all its errors are worth a warning; a module of two
      // types is one as well.
      for finding in reader.findings
      where layer.recurrentKind != nil || finding.code == .tensorDtypeUnsupported {
        var warning = finding
        warning.severity = .warning
        findings.append(warning)
      }
    }
    var tensors: [(name: String, tensor: Tensor)] = []
    for parameter in module.parameters {
      let key = StateDictKeys.joined(module.key, parameter)
      if let tensor = stateDict.tensors[key] { tensors.append((parameter, tensor)) }
    }
    let name = module.key.isEmpty ? "tensors" : module.key
    return [
      Model.Node(
        name: name, layerName: name,
        layer: .opaque(OpaqueLayer(className: "unknown", tensors: tensors, outputCount: 1)),
        inputs: [], location: tensors.first?.tensor.location ?? .init(),
        place: StateDictPlace(key: module.key))
    ]
  }
}

extension DecodedModel {
  /// The same model with the findings about its file added.
  fileprivate func adding(_ diagnostics: [Diagnostic], _ path: String) -> DecodedModel {
    var copy = self
    copy.diagnostics = (diagnostics + self.diagnostics).map { $0.located(file: path) }
    return copy
  }

  /// The same model, whose architecture another file declares.
  fileprivate func declared(by file: FileProbe, _ readings: Readings) -> DecodedModel {
    var copy = self
    copy.basis.declared = [file.path] + readings.answersInWords
    return copy
  }
}

extension TensorTable {
  /// A warning for everything that is no array of numbers, and so in no module.
  var leftOut: [Diagnostic] {
    unreadable.map { tensor in
      Diagnostic(
        .tensorUnused, .warning,
        "'\(tensor.name)' holds \(tensor.type), no numbers: it is left out", at: tensor.location)
    }
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// The sizes among the options, in torch's words.
  fileprivate var summary: String {
    options.members.map { member in
      "\(member.name)=\(member.value.bool.map { $0 ? "True" : "False" } ?? member.value.text)"
    }.joined(separator: ", ")
  }
}

extension Diagnostic.Code {
  package static let pytorchArchitectureNeeded = Self(rawValue: "pytorch.architecture.needed")
  static let pytorchModulesInferred = Self(rawValue: "pytorch.modules.inferred")
}
