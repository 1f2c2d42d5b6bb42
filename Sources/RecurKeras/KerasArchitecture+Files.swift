import RecurContainers
import RecurFormats
import RecurTensors

extension KerasArchitecture {
  /// The architecture in a file: a full model, or the JSON of `to_json()`.
  ///
  /// - Throws: `keras.architecture.needed` when the file holds none.
  init(
    in probe: FileProbe, _ limits: DecodeLimits, _ formats: FormatRegistry = FormatRegistry([])
  ) throws(CheckpointError) {
    let holders = formats.formats.lazy.compactMap { $0 as? any KerasArchitectureHolding }
    let holder = holders.first { $0.recognizes(probe) }
    self = try locating(file: probe.path) { () throws(CheckpointError) in
      var found = try holder?.kerasArchitecture(probe, limits)
      if holder == nil { found = try Self.find(in: probe, limits) }
      guard let found else {
        throw CheckpointError(
          .kerasArchitectureNeeded, "the file given as architecture holds weights only",
          hint: "give a full model, .h5 or .keras, or the JSON that model.to_json() gives")
      }
      return found.located(file: probe.path)
    }
  }

  private static func find(
    in probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasArchitecture? {
    if probe.isHDF5 {
      var file = try probe.hdf5File()
      return try KerasFile.legacyArchitecture(&file, limits)
    }
    if KerasPickleFormat().recognizes(probe) {
      let archive = try KerasPickleFormat.archive(in: probe, key: nil, limits)
      return try KerasFile.archiveArchitecture(ZipArchive(archive.bytes, limits: limits), limits)
    }
    if probe.isZip {
      return try KerasFile.archiveArchitecture(ZipArchive(probe.bytes, limits: limits), limits)
    }
    guard KerasJSONFormat().recognizes(probe) else { return nil }
    return try KerasJSONFormat.architecture(probe.bytes, limits)
  }
}
