package import RecurContainers
package import RecurFormats
package import RecurTensors

/// The index of a model in several safetensors files, `model.safetensors.index.json`:
/// `{"metadata": {…}, "weight_map": {"name": "model-00001-of-00002.safetensors", …}}`
/// (huggingface_hub, "Serialization", `save_torch_state_dict`).
///
/// All files together are one state dict.
package struct SafetensorsShardsFormat: StateDictDecoding, ShardedFormat {
  package let id = "safetensors-shards"
  package let title = "safetensors in several files"
  package let extensions = [".safetensors.index.json"]
  package let names: any StateDictConvention

  package init(_ names: any StateDictConvention) { self.names = names }

  package func recognizes(_ probe: FileProbe) -> Bool {
    probe.json(.init())?["weight_map"]?.object?.members.contains {
      $0.value.string?.hasSuffix(".safetensors") ?? false
    } ?? false
  }

  package func shards(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [String] {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try index(probe.bytes, limits).places.map(\.shard.text)
    }
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    let (places, facts) = try locating(file: probe.path) { () throws(CheckpointError) in
      try index(probe.bytes, limits)
    }
    var shards: [Name] = []
    var announced: [Name: [String]] = [:]
    for place in places {
      if announced[place.shard] == nil { shards.append(place.shard) }
      announced[place.shard, default: []].append(place.tensor)
    }
    var files: [Name: TensorTable] = [:]
    for shard in shards {
      files[shard] = try table(of: shard.text, announced[shard] ?? [], probe, limits)
    }
    // The order of the index, whichever files the tensors are in.
    var tensors = TensorTable()
    for place in places {
      guard let file = files[place.shard] else { continue }
      if let tensor = file[place.tensor] {
        try tensors.append(place.tensor, tensor)
      } else if let tensor = file.unreadable(place.tensor) {
        try tensors.append(tensor)
      }
    }
    return StateDict(
      tensors: tensors,
      metadata: [("shards", shards.map(\.text).joined(separator: ", "))] + facts)
  }

  /// The file of every tensor, and the metadata of the index.
  private func index(
    _ bytes: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> (
    places: [(tensor: String, shard: Name)], facts: [(name: String, value: String)]
  ) {
    let json = try JSONParser.parse(bytes, limits: limits)
    var places: [(tensor: String, shard: Name)] = []
    for member in json["weight_map"]?.object?.members ?? [] {
      // A model file must not make a program read files elsewhere: shards are in the folder of the
      // index.
      guard let name = member.value.string, isPlain(name) else {
        throw CheckpointError(
          .safetensorsIndexInvalid,
          "'\(member.name)' is in \(member.value.text), no file beside the index",
          at: bytes.location, expected: "a file name without a folder", found: member.value.text)
      }
      places.append((member.name, Name(name)))
    }
    let facts = (json["metadata"]?.object?.members ?? []).map { member in
      (name: member.name, value: member.value.string ?? member.value.text)
    }
    return (places, facts)
  }

  private func isPlain(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.hasPrefix(".")
      && !name.utf8.contains { $0 == 0x2F || $0 == 0x5C || $0 == 0 }
  }

  /// The tensors of one file, which must be exactly those that the index lists for it.
  private func table(
    of shard: String, _ names: [String], _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> TensorTable {
    let folder = splitPath(probe.path).folder
    let path = folder == "." ? shard : folder == "/" ? "/" + shard : "\(folder)/\(shard)"
    let bytes: ByteRegion
    do throws(CheckpointError) {
      bytes = ByteRegion(try .opening(path, probe.watch))
    } catch {
      throw CheckpointError(
        .safetensorsShardMissing,
        "a file of the model can't be opened: \(error.diagnostic.message)",
        at: .init(file: path), expected: "'\(shard)' beside '\(splitPath(probe.path).name)'",
        hint: "fetch all files of the model into one folder")
    }
    return try locating(file: path) { () throws(CheckpointError) in
      let table = try SafetensorsFile(bytes, limits: limits).tensors
      let announced = Set(names.map(Name.init))
      for name in names where table[name] == nil && table.unreadable(name) == nil {
        throw CheckpointError(
          .safetensorsIndexInvalid, "the index says that '\(name)' is here, and it is not",
          at: .init(object: name))
      }
      for name in table.names + table.unreadable.map(\.name) where !announced.contains(Name(name)) {
        throw CheckpointError(
          .safetensorsIndexInvalid, "the index does not say that '\(name)' is here",
          at: .init(object: name))
      }
      return table
    }
  }
}

extension Diagnostic.Code {
  package static let safetensorsIndexInvalid = Self(rawValue: "safetensors.index.invalid")
  package static let safetensorsShardMissing = Self(rawValue: "safetensors.shard.missing")
}
