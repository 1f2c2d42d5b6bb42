package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A Keras model inside a pickle: `pickle.dump(model)`, `joblib.dump(model)`, `torch.save(model)`, also
/// among other objects.
///
/// Nothing in the pickle is called: the `.keras` archive stands in it byte by byte.
package struct KerasPickleFormat: ArrayTaking, KeyedDecoding, TensorListing {
  package let id = "keras-pickle"
  package let title = "Keras model in a pickle"
  package let extensions = [".pkl", ".joblib"]
  package var convention: any Convention { KerasConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let pickle = KerasPickle.pickle(in: probe, .init()) else { return false }
    // A pickle that is refused is no one else's.
    return (try? KerasPickle(pickle, .init()).models).map { !$0.isEmpty } ?? !probe.isZip
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let archive = try Self.archive(in: probe, key: options.key, options.limits)
      var decoded = try KerasFile(
        archive: archive, options.limits, isArchitectureGiven: options.isArchitectureGiven
      ).decoded(archive, options)
      let pickle = try Self.pickle(probe, options.limits)
      let others = pickle?.others ?? []
      decoded.coverage.tensorCount = decoded.coverage.tensorCount.map { $0 + others.count }
      if decoded.coverage.tensorCount != nil { decoded.coverage.besideCount = others.count }
      if let warning = Diagnostic.besideKerasModel(pickle) {
        decoded.diagnostics.append(warning.located(file: probe.path))
      }
      return decoded
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let pickle = try Self.pickle(probe, .listing)
      let models = pickle?.models ?? []
      let archives = models.filter { $0.content == .archive }
      guard archives.count != 1 else { return try inspect(probe, key: archives[0].path) }
      var tensors: [Inspection.StoredTensor] = []
      for model in archives {
        let own = try KerasArchiveFormat().inspect(
          FileProbe(path: probe.path, bytes: model.bytes))
        tensors += own.tensors.map { tensor in
          var named = tensor
          named.name = Self.name(tensor.name, below: model.path)
          return named
        }
      }
      return Inspection(
        format: id, title: title,
        facts: models.map { model in
          (
            model.path.isEmpty ? "model" : model.path,
            model.content == .archive ? "a Keras model" : "a SavedModel, which is not read"
          )
        }, layers: [],
        tensors: tensors + (pickle?.others ?? []).compactMap(Self.listed), diagnostics: [])
    }
  }

  package func inspect(
    _ probe: FileProbe, key: String
  ) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let archive = try Self.archive(in: probe, key: key, .listing)
      var inspection = try KerasArchiveFormat().inspect(archive)
      inspection.format = id
      inspection.title = title
      let pickle = try Self.pickle(probe, .listing)
      inspection.tensors += (pickle?.others ?? []).compactMap(Self.listed)
      if let warning = Diagnostic.besideKerasModel(pickle) {
        inspection.diagnostics.append(warning.located(file: probe.path))
      }
      return inspection
    }
  }

  /// The name of a model's tensor among those of several models.
  private static func name(_ name: String, below path: String) -> String {
    path.isEmpty ? name : path + "/" + (name.hasPrefix("/") ? String(name.dropFirst()) : name)
  }

  private static func listed(_ array: KerasPickleArray) -> Inspection.StoredTensor? {
    array.tensor.map { tensor in
      Inspection.StoredTensor(
        name: array.path, shape: tensor.shape, type: "\(tensor.elementType)",
        byteCount: tensor.byteCount, remark: nil)
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      if key != nil {
        return try KerasArchiveFormat().tensors(
          Self.archive(in: probe, key: key, limits), key: nil, limits)
      }
      return try Self.allTensors(probe, limits)
    }
  }

  /// The tensors of all models, below the path of each where there are several, and the arrays beside
  /// them; a warning for each of those that is not read.
  private static func allTensors(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    guard let pickle = try Self.pickle(probe, limits) else {
      return StoredTensors(table: TensorTable(), metadata: [], diagnostics: [])
    }
    let archives = pickle.models.filter { $0.content == .archive }
    guard !archives.isEmpty else {
      let archive = try archive(in: probe, key: nil, limits)
      return try KerasArchiveFormat().tensors(archive, key: nil, limits)
    }
    var table = TensorTable()
    var metadata: [(name: String, value: String)] = []
    var diagnostics: [Diagnostic] = []
    for model in archives {
      let own = try KerasArchiveFormat().tensors(
        FileProbe(path: probe.path, bytes: model.bytes), key: nil, limits)
      for (name, tensor) in own.table.entries {
        try table.append(archives.count == 1 ? name : Self.name(name, below: model.path), tensor)
      }
      for other in own.table.unreadable { try table.append(other) }
      if archives.count == 1 { metadata = own.metadata }
      diagnostics += own.diagnostics
    }
    for array in pickle.others {
      let name = array.path.isEmpty ? "0" : array.path
      if let tensor = array.tensor, table[name] == nil {
        try table.append(name, tensor)
      } else {
        diagnostics.append(
          Diagnostic(
            .kerasPickleBeside, .warning, "'\(name)' beside the models is left out: it is not read",
            at: probe.bytes.location))
      }
    }
    if pickle.hidesArrays, let warning = Diagnostic.besideKerasModel(pickle) {
      diagnostics.append(warning)
    }
    return StoredTensors(table: table, metadata: metadata, diagnostics: diagnostics)
  }

  /// The archive of the model at `key`, or of the only one.
  ///
  /// - Throws: `keras.pickle.choice`, `keras.pickle.saved-model`, `pickle.callable.refused`.
  static func archive(
    in probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> FileProbe {
    let models = try models(in: probe, limits)
    // Where the only model in a file of joblib is, is not known.
    let isOnly = models.count == 1 && models[0].path.isEmpty
    let chosen =
      isOnly ? models : key.map { key in models.filter { Name($0.path) == Name(key) } } ?? models
    let archives = chosen.filter { $0.content == .archive }
    if archives.count == 1 { return FileProbe(path: probe.path, bytes: archives[0].bytes) }
    guard !archives.isEmpty || chosen.isEmpty else {
      throw CheckpointError(
        .kerasPickleSavedModel,
        "the pickle holds a SavedModel of TensorFlow in a tar archive, which is not read",
        at: probe.bytes.location, expected: "a .keras archive, as Keras from 2.12 on pickles",
        found: "a tar archive, as TensorFlow 2.4 to 2.11 wrote",
        fixes: [.init(.keras, "model.save('model.h5')  # where the pickle can be loaded")])
    }
    let paths = models.filter { $0.content == .archive }.map(\.path)
    throw CheckpointError(
      Diagnostic(
        .kerasPickleChoice, .error,
        key.map { "no model is at '\($0)' in the pickle" }
          ?? "the pickle holds \(archives.count) models",
        at: probe.bytes.location,
        expected: "one of " + paths.map { "'\($0)'" }.joined(separator: ", "),
        found: key.map { "'\($0)'" }
      ).advising("choose one with \(.key(paths.first))"))
  }

  private static func models(
    in probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [KerasPickle.Found] {
    try pickle(probe, limits)?.models ?? []
  }

  private static func pickle(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasPickle? {
    guard let pickle = KerasPickle.pickle(in: probe, limits) else { return nil }
    return try KerasPickle(pickle, limits)
  }
}

extension Diagnostic.Code {
  static let kerasPickleChoice = Self(rawValue: "keras.pickle.choice")
  static let kerasPickleSavedModel = Self(rawValue: "keras.pickle.saved-model")
}
