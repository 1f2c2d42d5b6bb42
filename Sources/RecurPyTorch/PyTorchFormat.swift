package import RecurContainers
package import RecurFormats
package import RecurStateDicts
package import RecurTensors

/// A PyTorch checkpoint of any kind; the ZIP form of torch.save since 1.6 is written.
package struct PyTorchFormat: StateDictEncoding, KeyedDecoding, ValueTaking {
  package let id = "pytorch"
  package let title = "PyTorch checkpoint"
  package let extensions = [".pt", ".pth"]
  package let names: any StateDictConvention = PyTorchStateDicts(dialects: [AllenNLPDialect()])

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool { PyTorchReader.recognizes(probe) }

  package func keys(_ probe: FileProbe) throws(CheckpointError) -> [String] {
    try PyTorchReader.keys(probe)
  }

  /// The model of a program of `torch.export` and of TorchScript is in the file itself; other files hold
  /// weights.
  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      if options.architecture == nil, ExportedArchive.holdsProgram(probe),
        let model = try ExportedArchive.model(probe, options)
      {
        return model
      }
      if options.architecture == nil, options.source == nil, options.key == nil,
        ScriptArchive.holdsProgram(probe)
      {
        return try ScriptArchive.model(probe, options)
      }
      if let setting = options.settings.first {
        throw CheckpointError(
          .fileOptionUnused, "a file of weights takes no value '\(setting.name)'",
          at: .init(file: probe.path), hint: "give the source of the model that takes it")
      }
      let stateDict = try PyTorchReader.stateDict(
        probe, key: options.key, limits: options.limits, parts: parts(options))
      return try model(stateDict, probe, options)
    }
  }

  /// Whether dictionaries of tensors make one model: where a declaration names them, or an architecture
  /// of another kind takes them.
  private func parts(_ options: DecodeOptions) throws(CheckpointError) -> CheckpointParts.Reading {
    guard options.architecture != nil else { return .apart }
    return try StateDictArchitecture.declaredKeys(options).map { .named($0) } ?? .together
  }

  /// The graph of a program is declared as it is; what is in several dictionaries of tensors is declared as
  /// one model.
  package func declaration(
    _ probe: FileProbe, key: String?
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic]) {
    try locating(file: probe.path) { () throws(CheckpointError) in
      guard key == nil, ExportedArchive.holdsProgram(probe),
        let decoded = try ExportedArchive.model(probe, DecodeOptions())
      else {
        if key == nil, ScriptArchive.holdsProgram(probe),
          let decoded = try? ScriptArchive.model(probe, DecodeOptions())
        {
          return (try names.architecture(of: decoded.model), decoded.diagnostics)
        }
        return try names.declaration(
          of: PyTorchReader.stateDict(probe, key: key, parts: .together), probe)
      }
      return (try names.architecture(of: decoded.model), decoded.diagnostics)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      // Inspection lists tensors of kinds that are not read; only a conversion fails for them.
      let stateDict = try PyTorchReader.stateDict(probe, limits: .listing, isTolerant: true)
      return StateDictInspection.inspection(of: stateDict, self)
    }
  }

  package func inspect(
    _ probe: FileProbe, key: String
  ) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let stateDict = try PyTorchReader.stateDict(
        probe, key: key, limits: .listing, isTolerant: true)
      return StateDictInspection.inspection(of: stateDict, self)
    }
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    try PyTorchReader.stateDict(probe, limits: limits)
  }

  package func stateDict(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    try PyTorchReader.stateDict(probe, key: key, limits: limits)
  }

  package func allTensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    guard let key else { return try PyTorchReader.tensors(probe, limits: limits) }
    return try PyTorchReader.stateDict(probe, key: key, limits: limits, isTolerant: true)
  }

  package func encode<Sink: ByteSink & ~Copyable>(
    _ stateDict: StateDict, into sink: inout Sink
  ) throws(CheckpointError) {
    try PyTorchWriter.write(stateDict, to: &sink)
  }
}
