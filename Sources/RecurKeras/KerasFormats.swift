package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// A `.keras` archive: `config.json`, `metadata.json` and native weights.
package struct KerasArchiveFormat: ModelDecoding, SourceTaking, LambdaTaking, ArrayTaking,
  TensorListing
{
  package let id = "keras"
  package let title = "Keras archive"
  package let extensions = [".keras"]
  package var convention: any Convention { KerasConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let names = probe.zipEntryNames else { return false }
    return names.contains("config.json") && names.contains { $0.hasPrefix("model.weights.") }
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try KerasFile(
        archive: probe, options.limits, isArchitectureGiven: options.isArchitectureGiven
      ).decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let archive = try ZipArchive(probe.bytes, limits: .listing)
      let file = try archive["model.weights.h5"].map { entry throws(CheckpointError) in
        try HDF5File(try archive.content(of: entry, holdsArrays: true))
      }
      let found = KerasInspection.architecture(probe) { () throws(CheckpointError) in
        try KerasFile.archiveArchitecture(archive, .init())
      }
      let isSubclassed = found.problems.contains { $0.code == .kerasModelSubclassed }
      var inspection: Inspection
      if isSubclassed, let file {
        inspection = KerasInspection.inferred(id, title, probe) { () throws(CheckpointError) in
          try KerasNativeWeights([(nil, file)]).layers
        }
      } else {
        inspection = KerasInspection.inspection(found.architecture, id, title)
      }
      inspection.diagnostics += found.problems
      if let file {
        let stored = try HDF5Format.inspection(of: file)
        inspection.tensors = stored.tensors
        inspection.diagnostics += stored.diagnostics.map { $0.located(file: probe.path) }
      }
      return inspection
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let archive = try ZipArchive(probe.bytes, limits: limits)
      return try HDF5Format.tensors(of: KerasFile.weights(in: archive, probe, limits))
    }
  }
}

/// Native weights by themselves, `x.weights.h5` (Keras 3, TensorFlow from 2.12 on).
package struct KerasWeightsFormat: ModelDecoding, SourceTaking, LambdaTaking, ArchitectureLending,
  TensorListing
{
  package let id = "keras-weights"
  package let title = "Keras native weights"
  package let extensions = [".weights.h5"]
  package var convention: any Convention { KerasConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    probe.isHDF5 && !KerasH5Format().recognizes(probe)
      && (try? probe.hdf5File()).map(KerasNativeWeights.recognizes) ?? false
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try KerasFile(native: probe).decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let file = try probe.hdf5File()
      let stored = try HDF5Format.inspection(of: file)
      // A single shard is recognised too, so that it can be listed.
      var inspection = KerasInspection.inferred(id, title, probe) { () throws(CheckpointError) in
        try KerasNativeWeights([(nil, file)]).layers
      }
      inspection.tensors = stored.tensors
      inspection.diagnostics += stored.diagnostics.map { $0.located(file: probe.path) }
      return inspection
    }
  }
}

extension KerasWeightsFormat {
  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try HDF5Format().tensors(probe, key: key, limits)
  }
}

/// The index of sharded native weights, `x.weights.json` (Keras from 3.10 on).
package struct KerasShardsFormat: ModelDecoding, SourceTaking, LambdaTaking, ArchitectureLending,
  ShardedFormat, TensorListing
{
  package let id = "keras-shards"
  package let title = "Keras sharded weights"
  package let extensions = [".weights.json"]
  package var convention: any Convention { KerasConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let map = probe.json(.init())?["weight_map"] else { return false }
    // The index of a safetensors model has the same form.
    return
      !(map.object?.members.contains { $0.value.string?.hasSuffix(".safetensors") ?? false }
      ?? false)
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    let weights = try weights(probe, options.limits)
    return try locating(file: probe.path) { () throws(CheckpointError) in
      try KerasFile(weights: weights, diagnostics: []).decoded(probe, options)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    let weights = try weights(probe, .init())
    var inspection = KerasInspection.inferred(id, title, probe) { weights.layers }
    inspection.facts = [("shards", try shards(probe, .init()).joined(separator: ", "))]
    inspection.tensors = weights.layers.flatMap { layer in
      layer.arrays.map { array in
        Inspection.StoredTensor(
          name: "\(layer.name)/\(array.name)", shape: array.tensor.shape,
          type: "\(array.tensor.elementType)", byteCount: array.tensor.byteCount, remark: nil)
      }
    }
    return inspection
  }

  /// The names of all shards, in order.
  package func shards(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [String] {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let index = try JSONParser.parse(probe.bytes, limits: limits)
      guard let map = index["weight_map"]?.object else {
        throw invalid("the index has no \"weight_map\"", probe.bytes.location)
      }
      var names: Set<Name> = []
      for member in map.members {
        let files = member.value.array ?? [member.value]
        for file in files {
          // A model file must not make a program read files elsewhere: shards are in the folder of
          // the index, under plain names.
          guard let name = file.string, !name.contains("/"), !name.hasPrefix("."), !name.isEmpty
          else {
            throw invalid(
              "\"\(member.name)\" is in \(file.text), no file beside the index",
              probe.bytes.location)
          }
          names.insert(Name(name))
        }
      }
      return names.sorted().map(\.text)
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    var all = StoredTensors(table: TensorTable())
    for (name, file) in try files(probe, limits) {
      let own = try locating(file: name) { () throws(CheckpointError) in
        try HDF5Format.tensors(of: file)
      }
      for (name, tensor) in own.table.entries { try all.table.append(name, tensor) }
      for tensor in own.table.unreadable { try all.table.append(tensor) }
      all.diagnostics += own.diagnostics
    }
    return all
  }

  private func weights(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasNativeWeights {
    try KerasNativeWeights(files(probe, limits))
  }

  private func files(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [(name: String?, file: HDF5File)] {
    let folder = splitPath(probe.path).folder
    var files: [(name: String?, file: HDF5File)] = []
    for name in try shards(probe, limits) {
      let path = folder.isEmpty || folder == "." ? name : "\(folder)/\(name)"
      let bytes = ByteRegion(try .opening(path, probe.watch))
      let file = try locating(file: path) { () throws(CheckpointError) in
        try HDF5File(bytes, limits: limits)
      }
      files.append((path, file))
    }
    return files
  }
}

/// What `model.to_json()` gives: an architecture for files of weights.
package struct KerasJSONFormat: ArrayTaking {
  package let id = "keras-json"
  package let title = "Keras architecture (JSON)"
  package let extensions = [".json"]
  package var convention: any Convention { KerasConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    guard let json = probe.json(.init()), let className = json["class_name"]?.string else {
      return false
    }
    return KerasArchitecture.modelClasses.contains(className) && json["config"] != nil
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      KerasInspection.inspection(try Self.architecture(probe.bytes, .init()), id, title)
    }
  }

  package func lentModel(_ probe: FileProbe) throws(CheckpointError) -> DecodedModel {
    try KerasArchitecture(in: probe, .init()).modelOfZeros(probe)
  }

  /// The architecture in the text of `to_json()`.
  static func architecture(
    _ bytes: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> KerasArchitecture {
    let json = try JSONParser.parse(bytes, allowsPythonNumbers: true, limits: limits)
    // Keras 3 writes no version here, but the module of each class. From 3.4 on a dtype is a
    // policy, and merging layers join masks in another way.
    let ofKeras3 = bytes.text()?.contains("\"DTypePolicy\"") == true ? "3.4" : "3.0"
    let text = json["keras_version"]?.string ?? (json["module"] == nil ? nil : ofKeras3)
    guard let text else {
      throw CheckpointError(
        .kerasVersionUnsupported,
        "the architecture has no keras_version, which decides what 'hard_sigmoid' means",
        at: bytes.location)
    }
    return try KerasArchitecture(
      json, version: try KerasVersion(text, at: bytes.location), at: bytes.location)
  }
}
