import RecurContainers
import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// A file of `torch.export.save`: a program and its weights.
enum ExportedArchive {
  /// Whether the file holds a program, and not the weights of one alone.
  static func holdsProgram(_ probe: FileProbe) -> Bool {
    guard let names = probe.zipEntryNames, ExportEnvelope.recognizes(names) else { return false }
    return names.contains { $0.hasSuffix("serialized_exported_program.json") }
      || names.contains { $0.hasSuffix(".json") && $0.split(separator: "/").dropLast().last == "models" }
  }

  /// The model of the file.
  ///
  /// - Throws: `pytorch.envelope.unsupported` for several programs, and what reading the program and
  ///   its weights throws.
  static func model(
    _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    let archive = try ZipArchive(probe.bytes, limits: options.limits)
    let programs = ExportEnvelope.programs(archive)
    guard programs.count == 1, let entry = programs.first else {
      throw CheckpointError(
        .pytorchEnvelopeUnsupported, "the archive holds \(programs.count) programs and needs one",
        at: .init(object: programs.first?.name), notes: programs.prefix(8).map(\.name))
    }
    let weights = try ExportEnvelope.read(archive, key: nil, options.limits, isTolerant: false)
    let limits = GraphLimits()
    let program = try locating(object: entry.name) { () throws(CheckpointError) in
      try ExportedProgram(
        JSONParser.parse(archive.content(of: entry), limits: options.limits), limits: limits)
    }
    let constants =
      program.readsConstants ? try ExportEnvelope.constants(archive, options.limits) : StateDict()
    var reader = try ExportedModelReader(
      program, weights: weights, constants: constants, limits: limits)
    var decoded = DecodedModel(
      model: try reader.model(named: splitPath(probe.path).name),
      diagnostics: weights.diagnostics.map { $0.located(file: probe.path) },
      convention: PyTorchConvention())
    decoded.metadata = weights.metadata
    decoded.coverage.tensorCount = weights.tensors.names.count
    return decoded
  }

  /// The program of a file, for listing; nil when the file holds none that is understood.
  static func program(_ probe: FileProbe) -> ExportedProgram? {
    guard let archive = try? ZipArchive(probe.bytes, limits: .listing),
      let entry = ExportEnvelope.programs(archive).first,
      let content = try? archive.content(of: entry),
      let json = try? JSONParser.parse(content, limits: .listing)
    else { return nil }
    return try? ExportedProgram(json, limits: GraphLimits())
  }
}

extension ExportedProgram {
  /// Whether any input is among the constants of the file.
  var readsConstants: Bool {
    inputs.contains { input in
      switch input.kind {
      case .constant, .buffer(_, isPersistent: false): true
      case .weight, .buffer, .argument, .fixed: false
      }
    }
  }
}
