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
      return try KerasFile(
        archive: archive, options.limits, isArchitectureGiven: options.architecture != nil
      ).decoded(archive, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let models = try Self.models(in: probe, .listing)
      let archives = models.filter { $0.content == .archive }
      guard archives.count != 1 else { return try inspect(probe, key: archives[0].path) }
      return Inspection(
        format: id, title: title,
        facts: models.map { model in
          (
            model.path.isEmpty ? "model" : model.path,
            model.content == .archive ? "a Keras model" : "a SavedModel, which is not read"
          )
        }, layers: [], tensors: [], diagnostics: [])
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
      return inspection
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try KerasArchiveFormat().tensors(
        Self.archive(in: probe, key: key, limits), key: nil, limits)
    }
  }

  /// The archive of the model at `key`, or of the only one.
  ///
  /// - Throws: `keras.pickle.choice`, `keras.pickle.saved-model`, `pickle.callable.refused`.
  static func archive(
    in probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> FileProbe {
    let models = try models(in: probe, limits)
    let chosen = key.map { key in models.filter { Name($0.path) == Name(key) } } ?? models
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
    guard let pickle = KerasPickle.pickle(in: probe, limits) else { return [] }
    return try KerasPickle(pickle, limits).models
  }
}

extension Diagnostic.Code {
  static let kerasPickleChoice = Self(rawValue: "keras.pickle.choice")
  static let kerasPickleSavedModel = Self(rawValue: "keras.pickle.saved-model")
}
